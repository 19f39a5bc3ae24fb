import { expect, inject, onTestFinished, test } from 'vitest';
import { containersOf } from './docker.js';
import { gatherJson, gatherOk } from './gather.js';

const cwd = inject('stack').folder;
const PART = 'docker-socket-proxy';
const containers = async () => [...(await containersOf(cwd)).keys()];

test('a part is left out, status says so and misses nothing, and the next up brings it back', async () => {
  onTestFinished(async () => {
    await gatherOk(['up'], { cwd });
  });
  expect(await gatherJson(['up', '--without', PART], { cwd })).toMatchObject({ changed: true });
  expect(await containers()).not.toContain(`${PART}-1`);
  expect(await gatherJson(['status'], { cwd })).toMatchObject({ usable: true, leftOut: [PART] });
  expect(await gatherJson(['up', '--without', PART], { cwd })).toMatchObject({ changed: false });

  expect(await gatherJson(['up'], { cwd })).toMatchObject({ changed: true });
  expect(await containers()).toContain(`${PART}-1`);
  expect(await gatherJson(['status'], { cwd })).toMatchObject({ usable: true, leftOut: [] });
});

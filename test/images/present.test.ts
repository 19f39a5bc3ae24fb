import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Shelf } from '../../src/images/present.js';
import { PLAY_ENGINE, playEngine } from '../unit-engine/play-engine.js';

const DIGEST = `sha256:${'d'.repeat(64)}`;
const ID = `sha256:${'1'.repeat(64)}`;

test.each([
  ['mine:1', true],
  ['mine:2', false],
  ['latest-one', true],
  ['latest-one:latest', true],
  ['localhost:5000/folder/latest-one', true],
  ['mine', false],
  [`pinned@${DIGEST}`, true],
  [`pinned:14@${DIGEST}`, true],
  [`localhost:5000/pinned:14@${DIGEST}`, true],
  [`pinned@sha256:${'e'.repeat(64)}`, false],
  [`mine@${DIGEST}`, false],
  [ID, true],
])('%s is seen on an engine: %s', async (image, there) => {
  const folder = mkdtempSync(join(tmpdir(), 'gather-shelf-'));
  const engine = await playEngine(folder, {
    images: [
      { Id: ID, RepoTags: ['mine:1', 'latest-one:latest', 'localhost:5000/folder/latest-one:latest'] },
      // the engine says null for an image that has none
      {
        Id: 'sha256:2',
        RepoTags: null,
        RepoDigests: [`pinned@${DIGEST}`, `localhost:5000/pinned@${DIGEST}`],
      },
    ],
  });
  onTestFinished(async () => {
    await engine.close();
    rmSync(folder, { recursive: true });
  });
  expect((await Shelf.of({ ...PLAY_ENGINE, host: engine.host }, undefined)).has(image)).toBe(there);
});

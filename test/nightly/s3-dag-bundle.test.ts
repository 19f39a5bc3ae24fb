import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { containersOf, until } from '../engine/docker.js';
import { emptyFolder, gather, gatherJson, gatherOk } from '../engine/gather.js';

const cwd = emptyFolder('s3-dag-bundle');

beforeAll(async () => {
  await gatherOk(['init', '--yes', '--topology', 'eks', '--airflow', '3', '--component', 's3-dag-bundle'], {
    cwd,
  });
  await gatherOk(['up', '--yes'], { cwd });
});
afterAll(async () => {
  await gatherOk(['down', '--volumes', '--yes'], { cwd });
  rmSync(cwd, { recursive: true });
});

const listed = async () => {
  const { dags } = await gatherJson<{ dags: { id: string }[] }>(['dags', 'list'], { cwd });
  return dags.map(({ id }) => id);
};

test('Airflow 3 itself takes the DAGs from the bucket, without a sidecar', async () => {
  expect([...(await containersOf(cwd)).keys()]).not.toContain('s3-dags-1');
  expect(await listed()).toEqual([]);
  await gatherOk(['dags', 'push'], { cwd });
  await until(listed, (ids) => ids.includes('hello_taskflow'), 60);
  const run = await gather(['dags', 'trigger', 'hello_taskflow', '--unpause', '--wait', '--logs'], { cwd });
  expect(run.code, run.stderr).toBe(0);
});

test('a change is read, and what is removed goes', async () => {
  const file = join(cwd, 'dags/hello_taskflow.py');
  writeFileSync(
    join(cwd, 'dags/second.py'),
    readFileSync(file, 'utf8').replaceAll('hello_taskflow', 'second'),
  );
  await gatherOk(['dags', 'push'], { cwd });
  const started = Date.now();
  await until(listed, (ids) => ids.includes('second'), 60);
  expect((Date.now() - started) / 1000).toBeLessThan(15);
  rmSync(join(cwd, 'dags/second.py'));
  await gatherOk(['dags', 'push', '--delete', '--yes'], { cwd });
  await until(listed, (ids) => !ids.includes('second'), 90);
});

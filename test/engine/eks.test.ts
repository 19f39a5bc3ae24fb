import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeDagsInBucket } from './dags-in-bucket.js';
import { until } from './docker.js';
import { EksStack } from './eks-stack.js';
import { gather, gatherJson, gatherOk } from './gather.js';
import { Lake } from './lake.js';
import { describeLake } from './lake-tests.js';
import { describeTrinoLogin } from './trino-login-tests.js';

const eks = new EksStack();
const lake = new Lake(eks.cwd);

beforeAll(() => eks.boot());
afterAll(() => eks.remove());

describe('a lake', () => describeLake(eks));
describe('the login at Trino', () => describeTrinoLogin(eks));
describe('DAGs in a bucket', () => describeDagsInBucket(eks));

test('the example DAG writes to the bucket, makes a table of it, and checks it', async () => {
  await until(
    () => gatherJson<{ dags: { id: string }[] }>(['dags', 'list'], { cwd: eks.cwd }),
    ({ dags }) => dags.some(({ id }) => id === 'lake'),
  );
  const run = await gather(['dags', 'trigger', 'lake', '--unpause', '--wait', '--logs'], { cwd: eks.cwd });
  expect(run.code, run.stdout + run.stderr).toBe(0);
  expect(await lake.rows('SELECT count(*), sum(value) FROM example.readings')).toEqual([[100, 495]]);
  expect(await lake.rows('SELECT sensor, value FROM example.readings LIMIT 10')).toHaveLength(10);
});

test('nothing is lost when everything is stopped and started again', async () => {
  await gatherOk(['down'], { cwd: eks.cwd });
  await eks.up();
  expect(await lake.rows('SELECT id, item FROM shop.sales ORDER BY id')).toEqual([
    [1, 'coffee'],
    ['9007199254740993', `ä"',`],
  ]);
  expect((await gather(['up'], { cwd: eks.cwd })).stdout).toContain('nothing had to change');
});

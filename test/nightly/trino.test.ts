import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { containersOf, dockerOk, until } from '../engine/docker.js';
import { emptyFolder, gather, gatherJson, gatherOk } from '../engine/gather.js';
import { initLake, Lake } from '../engine/lake.js';

describe('with two workers', () => {
  const cwd = emptyFolder('trino-workers');
  const lake = new Lake(cwd);
  beforeAll(async () => {
    await initLake(cwd, { TRINO_WORKERS: '2' });
    await gatherOk(['up', '--yes', '--timeout', '400'], { cwd });
  });
  afterAll(async () => {
    await gatherOk(['down', '--volumes', '--yes'], { cwd });
    rmSync(cwd, { recursive: true });
  });
  const workers = () =>
    lake.rows("SELECT count(*) FROM system.runtime.nodes WHERE state = 'active' AND NOT coordinator");

  test('both are there as soon as the stack is usable, and do the work', async () => {
    expect(await workers()).toEqual([[2]]);
    await lake.does('CREATE SCHEMA night');
    await lake.does(
      "CREATE TABLE night.orders WITH (partitioning = ARRAY['year(orderdate)']) AS SELECT * FROM tpch.tiny.orders",
    );
    expect(await lake.rows('SELECT count(*), sum(orderkey) FROM night.orders')).toEqual([[15000, 449872500]]);
  });

  test('a query outlives one that is killed while it works', async () => {
    const sql =
      'SELECT count(*), sum(l.quantity) FROM tpch.sf1.lineitem l JOIN tpch.sf1.orders o ON o.orderkey = l.orderkey';
    const running = gatherJson<{ rows: unknown[][] }>(['trino', sql], { cwd });
    const victim = (await containersOf(cwd)).get('trino-worker-2')?.Id ?? '';
    const states = () => lake.rows(`SELECT state FROM system.runtime.queries WHERE query = '${sql}'`);
    await until(states, (rows) => rows.join() === 'RUNNING');
    // in the middle of it, not before its first task
    await sleep(4000);
    expect(await states()).toEqual([['RUNNING']]);
    await dockerOk(['kill', victim]);
    expect((await running).rows).toEqual([[6001215, 153078795]]);
    expect((await gather(['status'], { cwd })).code).toBe(4);
    await gatherOk(['up', '--yes'], { cwd });
    expect(await workers()).toEqual([[2]]);
    expect(await lake.rows('SELECT count(*) FROM night.orders')).toEqual([[15000]]);
  });
});

test.each(['2.11.2', '3.3.2'])('the example DAG makes a table with Airflow %s', async (airflow) => {
  const cwd = emptyFolder('trino-dag');
  onTestFinished(async () => {
    await gather(['down', '--volumes', '--yes'], { cwd });
    rmSync(cwd, { recursive: true });
  });
  await gatherOk(
    [
      'init',
      '--yes',
      '--topology',
      'clever-cloud',
      '--airflow',
      airflow,
      '--component',
      'trino',
      '--set',
      'S3_REGION=eu-north-1',
    ],
    { cwd },
  );
  await gatherOk(['up', '--yes', '--timeout', '400'], { cwd });
  await until(
    () => gatherJson<{ dags: { id: string }[] }>(['dags', 'list'], { cwd }),
    ({ dags }) => dags.some(({ id }) => id === 'lake'),
  );
  const run = await gather(['dags', 'trigger', 'lake', '--unpause', '--wait', '--logs'], { cwd });
  expect(run.code, run.stdout + run.stderr).toBe(0);
  expect(await new Lake(cwd).rows('SELECT count(*), sum(value) FROM example.readings')).toEqual([[100, 495]]);
});

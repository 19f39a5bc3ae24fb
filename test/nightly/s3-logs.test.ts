import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AirflowRest } from '../../src/airflow/api/rest.js';
import { containersOf, dockerOk, until } from '../engine/docker.js';
import { emptyFolder, gatherJson, gatherOk, ODD } from '../engine/gather.js';
import { S3Client } from '../engine/s3-client.js';

const STACKS = [
  { airflow: '2.11.2', runner: 'airflow-scheduler', init: ['--topology', 'clever-cloud'] },
  {
    airflow: '2.11.2',
    runner: 'airflow-worker',
    init: ['--component', 's3-logs', '--set', 'AIRFLOW__LOGGING__REMOTE_LOG_CONN_ID=s3_connection'],
  },
  { airflow: '3.3.2', runner: 'airflow-scheduler', init: ['--topology', 'clever-cloud'] },
];

describe.each(STACKS)('with Airflow $airflow, where $runner runs the tasks', ({ airflow, runner, init }) => {
  const cwd = emptyFolder('s3-logs');
  const accessKey = 'the-logs';
  const secretKey = ODD.webPassword;
  let rest: AirflowRest;
  let bucket: S3Client;

  beforeAll(async () => {
    const settings = [
      `S3_LOGS_ACCESS_KEY=${accessKey}`,
      `S3_LOGS_SECRET_KEY=${secretKey}`,
      'S3_LOGS_BUCKET=logs.here',
    ];
    const set = settings.flatMap((setting) => ['--set', setting]);
    await gatherOk(['init', '--yes', '--airflow', airflow, ...init, ...set], { cwd });
    const { links } = await gatherJson<{ links: Record<string, string> }>(['up', '--yes'], { cwd });
    const envValue = async (name: string) =>
      (await gatherJson<{ value: string }>(['env', 'get', name], { cwd })).value;
    const login = {
      username: await envValue('_AIRFLOW_WWW_USER_USERNAME'),
      password: await envValue('_AIRFLOW_WWW_USER_PASSWORD'),
    };
    rest = new AirflowRest({
      base: links.Airflow?.replace(/\/$/, '') ?? '',
      major: Number(airflow.split('.')[0]),
      login,
    });
    const minio = (await containersOf(cwd)).get('minio-1')?.Id ?? '';
    bucket = await S3Client.as(minio, 'logs', { accessKey, secretKey });
  });
  afterAll(async () => {
    await gatherOk(['down', '--volumes', '--yes'], { cwd });
    rmSync(cwd, { recursive: true });
  });

  /** Starts a run and waits for its end. */
  async function run(dag: string): Promise<string> {
    await until(
      () => rest.dag(dag),
      (known) => known !== undefined,
    );
    await rest.unpause(dag);
    const { id } = await rest.trigger(dag, {});
    const isOver = ({ state }: { state: string }) => ['success', 'failed'].includes(state);
    const { state } = await until(() => rest.run(dag, id), isOver, 120);
    expect(state).toBe('success');
    return id;
  }
  async function log(dag: string, id: string, task: string): Promise<string> {
    const instance = (await rest.tasks(dag, id)).find((one) => one.id === task);
    return instance ? (await rest.log(dag, id, instance)).join('\n') : '';
  }

  test('a log is in the bucket, and is read from there once container and disk are gone', async () => {
    const hello = await run('hello_taskflow');
    // uploaded by the process beside the task, which ends a moment after it
    const wanted = ['greet', 'say'].map(
      (task) => `dag_id=hello_taskflow/run_id=${hello}/task_id=${task}/attempt=1.log`,
    );
    await until(
      () => bucket.keys('logs.here'),
      (keys) => wanted.every((key) => keys.includes(key)),
      20,
    );

    const ours = [...(await containersOf(cwd))].filter(([name]) => name.startsWith(runner));
    expect(ours.length).toBeGreaterThan(0);
    await dockerOk(['rm', '--force', ...ours.map(([, { Id }]) => Id)]);
    const logs = join(cwd, 'logs');
    for (const name of readdirSync(logs)) rmSync(join(logs, name), { recursive: true });

    expect(await log('hello_taskflow', hello, 'say')).toContain('Hello, world!');
    await gatherOk(['up', '--yes'], { cwd });
    expect(await log('hello_taskflow', hello, 'say')).toContain('Hello, world!');
  });

  test('the keys of the bucket are in no container but those of Airflow and s3-init', async () => {
    for (const [name, { Config }] of await containersOf(cwd))
      if (!/^(airflow-|s3-init)/.test(name)) expect(Config.Env.join('\n'), name).not.toContain(secretKey);
  });
});

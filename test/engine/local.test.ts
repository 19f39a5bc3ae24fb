import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AirflowApi } from './airflow-api.js';
import { containersOf, dockerOk, type Inspected, replaced, until } from './docker.js';
import { emptyFolder, gather, gatherJson, gatherOk } from './gather.js';

const cwd = emptyFolder('local');
const SCHEDULER = join(cwd, 'airflow-scheduler.Dockerfile');
const WEBSERVER = join(cwd, 'airflow-webserver.Dockerfile');
let containers: Map<string, Inspected>;
let api: AirflowApi;

beforeAll(async () => {
  await gatherOk(['init', '--yes', '--topology', 'clever-cloud'], { cwd });
  // as a person has it for production: a frontend and a base that no registry gives out here
  writeFileSync(
    SCHEDULER,
    '# syntax=docker/dockerfile:1\nARG AIRFLOW=2.11.2\nFROM apache/airflow:${AIRFLOW}-python3.12\n' +
      'COPY --chown=airflow:0 . /opt/airflow/project\nRUN echo scheduler > /opt/airflow/made-for\n',
  );
  writeFileSync(join(cwd, '.dockerignore'), '*.Dockerfile\n');
  writeFileSync(WEBSERVER, 'FROM airflow\nRUN echo webserver > /opt/airflow/made-for\n');
  const up = await gatherJson<{ links: Record<string, string> }>(['up', '--yes'], { cwd });
  containers = await containersOf(cwd);
  const login = await Promise.all(
    ['USERNAME', 'PASSWORD'].map((name) => envValue(`_AIRFLOW_WWW_USER_${name}`)),
  );
  const url = (up.links.Airflow ?? '').replace(/\/$/, '');
  const [username = '', password = ''] = login;
  api = new AirflowApi({ folder: cwd, proxyUrl: url, webUrl: url, username, password });
});
afterAll(async () => {
  const ours = (await dockerOk(['images', '--format', '{{.Repository}}:{{.Tag}}']))
    .split('\n')
    .filter((name) => [imageOf('airflow-scheduler'), imageOf('airflow-webserver')].includes(name));
  await gatherOk(['down', '--volumes', '--yes'], { cwd });
  if (ours.length) await dockerOk(['rmi', ...ours]);
  rmSync(cwd, { recursive: true });
});

const envValue = async (name: string) =>
  (await gatherJson<{ value: string }>(['env', 'get', name], { cwd })).value;
const imageOf = (service: string) => containers.get(`${service}-1`)?.Config.Image ?? '';
const madeFor = async (service: string) =>
  (await gatherOk(['exec', service, '--', 'cat', '/opt/airflow/made-for'], { cwd })).stdout.trim();

test('there is neither a queue nor a worker', () => {
  expect([...containers.keys()]).toEqual([
    'airflow-init-1',
    'airflow-scheduler-1',
    'airflow-triggerer-1',
    'airflow-webserver-1',
    'minio-1',
    'postgres-1',
    'proxy-1',
    's3-init-1',
  ]);
  expect(containers.get('airflow-scheduler-1')?.Config.Env).toEqual(
    expect.arrayContaining(['AIRFLOW__CORE__EXECUTOR=LocalExecutor', 'AIRFLOW__CORE__PARALLELISM=4']),
  );
});

test('a DAG runs in the scheduler, and its log is there to read', async () => {
  await until(
    () => api.get<{ total_entries: number }>('/dags'),
    ({ total_entries }) => total_entries === 3,
  );
  const run = await api.trigger('hello_taskflow', { name: 'Ada' });
  const { state, tasks } = await api.ended('hello_taskflow', run);
  expect(state).toBe('success');
  const scheduler = containers.get('airflow-scheduler-1')?.Id ?? '';
  for (const task of tasks) expect(scheduler.startsWith(task.hostname)).toBe(true);
  expect(await api.log('hello_taskflow', run, 'say')).toContain('Hello, Ada!');
});

test("the project's own Dockerfiles make the images of scheduler and web server", async () => {
  expect(await madeFor('airflow-scheduler')).toBe('scheduler');
  expect(await madeFor('airflow-webserver')).toBe('webserver');
  expect(imageOf('airflow-triggerer')).toBe(imageOf('airflow-scheduler'));
  expect(imageOf('airflow-init')).toBe(await envValue('AIRFLOW_IMAGE'));
});

test('COPY . takes the project, but neither its secrets nor what .dockerignore names', async () => {
  const list = ['find', '/opt/airflow/project', '-type', 'f', '-printf', '%P\n'];
  const { stdout } = await gatherOk(['exec', 'airflow-scheduler', '--', ...list], { cwd });
  const files = stdout.split('\n');
  expect(files).toEqual(expect.arrayContaining(['dags/hello_taskflow.py', '.env.template']));
  expect(files.filter((file) => /^(\.env|postgres\/init\.sql|logs\/.*|.*\.Dockerfile)$/.test(file))).toEqual(
    [],
  );
  // they are there: the build left them out
  for (const file of ['.env', 'postgres/init.sql']) expect(existsSync(join(cwd, file))).toBe(true);
});

test('a Dockerfile that cannot be built names its line, and what runs stays', async () => {
  const text = readFileSync(WEBSERVER, 'utf8');
  writeFileSync(WEBSERVER, `${text}RUN exit 7\n`);
  const failed = await gather(['up', '--yes'], { cwd });
  writeFileSync(WEBSERVER, 'FROM apache/airflow:2.10.5\n');
  const other = await gather(['up', '--yes'], { cwd });
  writeFileSync(WEBSERVER, text);
  expect([failed.code, other.code]).toEqual([1, 1]);
  expect(failed.stderr).toContain(`${WEBSERVER}:3: the image airflow-webserver.Dockerfile cannot be built`);
  expect(other.stderr).toContain(`${WEBSERVER}:1: this is Airflow 2.10.5, and the stack has 2.11.2`);
  expect(replaced(containers, await containersOf(cwd))).toEqual([]);
});

test('without its Dockerfile a service runs on the image of the others', async () => {
  rmSync(WEBSERVER);
  await gatherOk(['up', '--yes'], { cwd });
  const after = await containersOf(cwd);
  expect(replaced(containers, after)).toEqual(['airflow-webserver-1']);
  expect(after.get('airflow-webserver-1')?.Config.Image).toBe(imageOf('airflow-init'));
  expect(readFileSync(join(cwd, '.env'), 'utf8')).not.toContain('AIRFLOW_WEBSERVER_IMAGE');
});

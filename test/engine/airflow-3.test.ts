import { rmSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AirflowRest } from '../../src/airflow/api/rest.js';
import { startBrowser, troublesOf } from './browser.js';
import { containersOf, dockerOk, until } from './docker.js';
import { emptyFolder, gather, gatherJson, gatherOk, ODD } from './gather.js';
import { ask } from './web.js';

interface Status {
  usable: boolean;
  services: { container: string; state: string }[];
  probes: { service: string; says: string; passed: boolean }[];
  links: Record<string, string>;
}

const cwd = emptyFolder('airflow-3');
const login = { username: 'admin', password: ODD.webPassword };
let site = '';
let rest: AirflowRest;
let browser: Browser | undefined;

beforeAll(async () => {
  const settings = {
    AF_PASS: ODD.airflowPassword,
    PG_PASS: ODD.postgresPassword,
    REDIS_PASS: ODD.redisPassword,
    _AIRFLOW_WWW_USER_PASSWORD: login.password,
    _AIRFLOW_WWW_USER_USERNAME: login.username,
  };
  const set = Object.entries(settings).flatMap(([name, value]) => ['--set', `${name}=${value}`]);
  await gatherOk(['init', '--yes', '--airflow', '3', ...set], { cwd });
  const { links } = await gatherJson<Status>(['up', '--timeout', '240'], { cwd });
  site = links.Airflow?.replace(/\/$/, '') ?? '';
  rest = new AirflowRest({ base: site, major: 3, login });
});
afterAll(async () => {
  await browser?.close();
  await gatherOk(['down', '--volumes', '--yes'], { cwd });
  rmSync(cwd, { recursive: true });
});

describe('Airflow 3.3.2', () => {
  test('has every service, and status reads both halves of it from the body of the health answer', async () => {
    const report = await gatherJson<Status & { airflow: string }>(['status'], { cwd });
    expect(report).toMatchObject({ airflow: '3.3.2', usable: true });
    expect(report.services.map(({ container }) => container)).toEqual([
      'airflow-apiserver-1',
      'airflow-dag-processor-1',
      'airflow-init-1',
      'airflow-scheduler-1',
      'airflow-triggerer-1',
      'airflow-worker-1',
      'airflow-worker-2',
      'docker-socket-proxy-1',
      'postgres-1',
      'proxy-1',
      'redis-1',
    ]);
    expect(report.probes.map(({ service, says, passed }) => [service, says, passed])).toEqual(
      expect.arrayContaining([
        ['airflow-apiserver', 'metadatabase is healthy', true],
        ['airflow-apiserver', 'scheduler is healthy', true],
        ['airflow-apiserver', 'triggerer is healthy', true],
        ['airflow-apiserver', 'dag_processor is healthy', true],
        ['airflow-worker', "every worker answers and can run Airflow's tasks", true],
      ]),
    );
  });

  // the second is no version of its own: the one before it answers; the newest comes after an older one, too
  test.each(['2025-04-28', '2025-06-01', '2026-06-30'])(
    'serves its API for tasks in the version of %s',
    async (version) => {
      const headers = { 'Airflow-API-Version': version };
      expect(await ask(`${site}/execution/variables/x`, { headers })).toMatchObject({ status: 401 });
      expect(await ask(`${site}/execution/none`, { headers })).toMatchObject({ status: 404 });
      // new in 2026-06-30
      const status = version === '2026-06-30' ? 401 : 404;
      expect(await ask(`${site}/execution/assets/by-alias?name=x`, { headers })).toMatchObject({ status });
    },
  );

  test("a worker's log server is there for who asks, and refuses who has not signed the request", async () => {
    const worker = (await containersOf(cwd)).get('airflow-worker-1')?.Id ?? '';
    const url = 'http://localhost:8793/log/none';
    const curl = ['curl', '-s', '-o', '/dev/null', '-w', '%{http_code}', url];
    expect(await dockerOk(['exec', worker, ...curl])).toBe('403');
    expect(await dockerOk(['exec', worker, ...curl])).toBe('403');
  });

  test('describes every route of its API to who asks, though its validators are made later', async () => {
    const { status, body } = await ask(`${site}/openapi.json`);
    expect(status).toBe(200);
    const { paths, components } = JSON.parse(body) as Record<string, Record<string, unknown>>;
    expect(Object.keys(paths ?? {})).toEqual(
      expect.arrayContaining(['/api/v2/dags', '/api/v2/dags/{dag_id}/dagRuns']),
    );
    expect(Object.keys(components?.schemas ?? {})).toEqual(
      expect.arrayContaining(['DAGRunResponse', 'HTTPValidationError']),
    );
    const refused = await rest
      .trigger('hello_taskflow', 'no object' as never)
      .catch((error: Error) => error.message);
    expect(refused).toContain('Input should be a valid dictionary');
  });

  test('lets a person in by the form, through the proxy, who finds the examples', async () => {
    browser = await startBrowser();
    const page = await browser.newPage();
    await page.goto(`${site}/dags`);
    await page.fill('#username', login.username);
    await page.fill('#password', login.password);
    await page.click('input[type=submit]');
    await page.waitForURL(`${site}/dags*`);
    const troubles = troublesOf(page, site);
    await page.reload();
    for (const dag of ['deferrable_sensor', 'docker_operator', 'hello_taskflow', 'mapped_task'])
      await page.getByRole('link', { name: dag, exact: true }).waitFor();
    expect(troubles).toEqual([]);
  });

  test('leads back to where the person is, behind a proxy with TLS', async () => {
    const headers = { host: 'airflow.example.test', 'x-forwarded-proto': 'https' };
    const { status, headers: answer } = await ask(`${site}/auth/login?next=x`, { headers });
    expect([status, answer.location]).toEqual([308, 'https://airflow.example.test/auth/login/?next=x']);
  });

  test('runs every example on its Celery workers, and shows their logs', async () => {
    const dags = (await rest.dags()).map(({ id }) => id);
    expect(dags).toEqual(['deferrable_sensor', 'docker_operator', 'hello_taskflow', 'mapped_task']);
    expect(await rest.importErrors()).toEqual([]);
    const conf = (dag: string) => (dag === 'hello_taskflow' ? { name: 'Ada ✓' } : {});
    const runs = await Promise.all(
      dags.map(async (dag) => {
        await rest.unpause(dag);
        return [dag, (await rest.trigger(dag, conf(dag))).id] as const;
      }),
    );
    const ends = runs.map(async ([dag, id]) => {
      const isOver = ({ state }: { state: string }) => ['success', 'failed'].includes(state);
      const { state } = await until(() => rest.run(dag, id), isOver, 120);
      return [dag, state];
    });
    expect(await Promise.all(ends)).toEqual(dags.map((dag) => [dag, 'success']));

    const log = async (dag: string, task: string) => {
      const run = runs.find(([name]) => name === dag)?.[1] ?? '';
      const instance = (await rest.tasks(dag, run)).find(({ id }) => id === task);
      return instance ? (await rest.log(dag, run, instance)).join('\n') : '';
    };
    expect(await log('hello_taskflow', 'say')).toContain('Hello, Ada ✓!');
    expect(await log('deferrable_sensor', 'go_on')).toContain('The time has come.');
    expect(await log('docker_operator', 'compute')).toMatch(/Hello from [0-9a-f]{12}/);
    // what the examples import is deprecated in neither line
    const waited = await log('deferrable_sensor', 'wait');
    expect(waited).toContain('DEFERRED');
    expect(waited).not.toMatch(/deprecated/i);
  });

  test('has one key for the tokens of all its parts, and no setting of Airflow 2', async () => {
    const { stdout, stderr } = await gatherOk(['logs', '--tail', 'all'], { cwd });
    expect(stdout).toContain('airflow-apiserver-1');
    expect(
      (stdout + stderr).match(/.*(InvalidSignature|Signature verification failed|JWTRefresh).*/g),
    ).toBeNull();
    for (const [name, { Config }] of await containersOf(cwd)) {
      if (!name.startsWith('airflow-')) continue;
      const names = Config.Env.map((line) => line.split('=')[0] ?? '');
      expect(names, name).toEqual(
        expect.arrayContaining(['AIRFLOW__API_AUTH__JWT_SECRET', 'AIRFLOW__API__SECRET_KEY']),
      );
      expect(
        names.filter((one) => /__(WEBSERVER|INTERNAL_API|DAG_DIR)/.test(one)),
        name,
      ).toEqual([]);
    }
  });

  test('the DAG tests pass in its image', async () => {
    const args = ['exec', 'airflow-scheduler', 'python', '-m', 'pytest', '--color=no', 'dags/tests'];
    expect((await gatherOk(args, { cwd })).stdout).toMatch(/= \d+ passed in /);
  });

  test('without its DAG processor it is not usable, and status names it; up brings it back', async () => {
    const processor = (await containersOf(cwd)).get('airflow-dag-processor-1')?.Id ?? '';
    await dockerOk(['kill', processor]);
    const { code, stdout } = await gather(['status'], { cwd });
    expect(code).toBe(4);
    expect(stdout).toMatch(/airflow-dag-processor-1 +exited/);
    await gatherOk(['up'], { cwd });
    expect((await gather(['status'], { cwd })).code).toBe(0);
  });
});

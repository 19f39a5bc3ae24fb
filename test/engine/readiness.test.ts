import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { StatusReport } from '../../src/stack/observe/status.js';
import { startBrowser } from './browser.js';
import { PARTS } from './default-stack.js';
import { containersOf, dockerOk, type Inspected, startsOf, until } from './docker.js';
import { emptyFolder, gather, gatherOk } from './gather.js';

/** One stack of its own, broken reversibly, part by part. */
const folder = emptyFolder('readiness');
let containers = new Map<string, Inspected>();

beforeAll(async () => {
  await gatherOk(['init', '--yes'], { cwd: folder });
  await gatherOk(['up', '--timeline', 'boot.html'], { cwd: folder });
  containers = await containersOf(folder);
});
afterAll(async () => {
  await gatherOk(['down', '--volumes', '--yes'], { cwd: folder });
  rmSync(folder, { recursive: true });
});

const idOf = (service: string) => containers.get(`${service}-1`)?.Id ?? `no ${service}-1`;

async function asked(): Promise<StatusReport & { code: number; seconds: number }> {
  const started = Date.now();
  const { code, stdout } = await gather(['status', '--output', 'json'], { cwd: folder });
  const last = JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as { data: StatusReport };
  return { ...last.data, code, seconds: (Date.now() - started) / 1000 };
}

/** Breaks something for the length of a test; what mends it also waits for the stack to be usable again. */
async function broken(breaks: () => Promise<unknown>, mends: () => Promise<unknown>): Promise<void> {
  onTestFinished(async () => {
    await mends();
    await until(asked, (status) => status.usable, 90);
  });
  await breaks();
}

/** A signal to every process of a container, its main one last: it may only watch over the others. A health check may have ended by then. */
async function signalAll(id: string, signal: 'SIGSTOP' | 'SIGCONT'): Promise<void> {
  const [, ...pids] = (await dockerOk(['top', id, '-eo', 'pid'])).split('\n');
  for (const pid of pids.reverse())
    try {
      process.kill(Number(pid), signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
}

test('a stack that is up is usable, and every part of it has been asked', async () => {
  const status = await asked();
  expect(status).toMatchObject({ code: 0, usable: true, drift: [] });
  expect([...new Set(status.probes.map((probe) => probe.service))]).toEqual(expect.arrayContaining(PARTS));
});

test('a worker that is there and takes no message is counted out, by status and by the next up', async () => {
  const processes = await dockerOk(['top', containers.get('airflow-worker-2')?.Id ?? '', '-eo', 'pid,args']);
  const pid = Number(/^\s*(\d+).*MainProcess/m.exec(processes)?.[1]);
  await broken(
    async () => process.kill(pid, 'SIGSTOP'),
    async () => process.kill(pid, 'SIGCONT'),
  );
  const { code, probes } = await asked();
  expect(code).not.toBe(0);
  expect(probes.filter(({ passed }) => !passed)).toMatchObject([
    { service: 'airflow-worker', problem: '1 of 2 workers answer' },
  ]);
  const again = await gather(['up', '--timeout', '10'], { cwd: folder });
  expect(again.code).not.toBe(0);
  expect(again.stderr).toContain('airflow-worker: not "every worker answers');
});

test('a worker that was told to leave its queue is no worker that runs tasks', async () => {
  const app = 'airflow.providers.celery.executors.celery_executor.app';
  const control = (...words: string[]) =>
    dockerOk(['exec', idOf('airflow-worker'), 'celery', '-A', app, 'control', ...words, 'default']);
  await control('cancel_consumer');
  const { code, probes } = await asked();
  await control('add_consumer');
  expect(code).not.toBe(0);
  expect(probes.filter(({ passed }) => !passed)).toMatchObject([
    {
      service: 'airflow-worker',
      problem: expect.stringMatching(/does not consume (any queue|the queue default)/),
    },
  ]);
  expect((await asked()).code).toBe(0);
});

test("a worker's log server is there for who asks", async () => {
  const url = `http://${idOf('airflow-worker').slice(0, 12)}:8793/log/none`;
  const askedFromTheWeb = () =>
    dockerOk(['exec', idOf('airflow-webserver'), 'curl', '-s', '-o', '/dev/null', '-w', '%{http_code}', url]);
  // as Airflow's own: who has not signed the request is refused
  expect(await askedFromTheWeb()).toBe('403');
});

test('the web server makes anew, and gives to Admin, the permission that somebody deleted', async () => {
  const sql = (query: string) =>
    dockerOk([
      'exec',
      idOf('postgres'),
      'sh',
      '-c',
      `psql -U "$POSTGRES_USER" -d airflow_db -Atc "${query}"`,
    ]);
  // of Flask-AppBuilder's own menu: Airflow's roles name those of Airflow's menu, and bring them back by themselves
  const [permission] = (
    await sql(`SELECT pv.id FROM ab_permission_view pv JOIN ab_view_menu v ON v.id = pv.view_menu_id
      JOIN ab_permission p ON p.id = pv.permission_id WHERE v.name = 'List Roles' AND p.name = 'menu_access'`)
  ).split('\n');
  await sql(`DELETE FROM ab_permission_view_role WHERE permission_view_id = ${permission}`);
  await sql(`DELETE FROM ab_permission_view WHERE id = ${permission}`);
  await gatherOk(['restart', 'airflow-webserver'], { cwd: folder });
  await until(asked, (status) => status.usable, 90);
  const admins = `SELECT count(*) FROM ab_permission_view_role l JOIN ab_role r ON r.id = l.role_id
    JOIN ab_permission_view pv ON pv.id = l.permission_view_id JOIN ab_view_menu v ON v.id = pv.view_menu_id
    JOIN ab_permission p ON p.id = pv.permission_id WHERE r.name = 'Admin' AND v.name = 'List Roles' AND p.name = 'menu_access'`;
  expect(await sql(admins)).toBe('1');
});

test('the timeline of that boot is a page that a browser shows by itself, on a telephone, too', async () => {
  const browser = await startBrowser();
  onTestFinished(() => browser.close());
  const page = await browser.newPage({ viewport: { width: 390, height: 800 } });
  const asked: string[] = [];
  const wrong: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  page.on('pageerror', (error) => wrong.push(error.message));
  page.on('console', (message) => wrong.push(message.text()));
  const url = pathToFileURL(join(folder, 'boot.html')).href;
  await page.goto(url);
  expect([asked, wrong]).toEqual([[url], []]);
  expect(await page.title()).toMatch(/^Boot of /);
  const rows = await page.locator('tbody tr td:first-child').allInnerTexts();
  expect(rows).toEqual(expect.arrayContaining([...containers.keys(), 'airflow-init-1']));
  expect(await page.locator('svg rect').count()).toBeGreaterThan(containers.size);
  // what is wide scrolls in a box of its own
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(390);
});

describe.each(PARTS)('%s', (service) => {
  test('frozen: is seen at once, though Docker still calls it healthy', async () => {
    const id = idOf(service);
    await broken(
      () => signalAll(id, 'SIGSTOP'),
      () => signalAll(id, 'SIGCONT'),
    );
    const status = await asked();
    expect(status).toMatchObject({ code: 4, usable: false });
    expect(status.probes.filter((probe) => !probe.passed).map((probe) => probe.service)).toContain(service);
    expect(status.seconds).toBeLessThan(10);
  });
});

test('gather up sees at once what is frozen, names it, and restarts nothing by itself', async () => {
  const frozen = ['airflow-scheduler', 'airflow-worker', 'proxy'];
  const others = async () =>
    startsOf(await containersOf(folder)).filter((one) => !one.startsWith('airflow-init'));
  const before = await others();
  const all = (signal: 'SIGSTOP' | 'SIGCONT') =>
    Promise.all(frozen.map((service) => signalAll(idOf(service), signal)));
  await broken(
    () => all('SIGSTOP'),
    () => all('SIGCONT'),
  );
  const { code, stderr } = await gather(['up', '--timeout', '10'], { cwd: folder });
  expect(code, stderr).toBe(4);
  for (const service of frozen) expect(stderr).toMatch(new RegExp(`error: .*${service}`));
  expect(await others()).toEqual(before);
});

test('what was cut from its networks is said to be, part by part, and gather up mends it', async () => {
  for (const { Id, State, NetworkSettings } of containers.values())
    for (const network of State.Status === 'running' ? Object.keys(NetworkSettings.Networks) : [])
      await dockerOk(['network', 'disconnect', network, Id]);
  const status = await asked();
  expect(status).toMatchObject({ code: 4, usable: false });
  expect(status.seconds).toBeLessThan(10);
  for (const service of PARTS)
    expect(status.probes).toContainEqual(
      expect.objectContaining({
        service,
        passed: false,
        problem: expect.stringContaining('is not connected to'),
      }),
    );
  const { code, stderr } = await gather(['up'], { cwd: folder });
  expect(code, stderr).toBe(0);
  expect(await asked()).toMatchObject({ code: 0, usable: true });
  containers = await containersOf(folder);
});

test('what was killed is said to be, part by part, and gather up starts it again', async () => {
  for (const service of PARTS) await dockerOk(['kill', idOf(service)]);
  const status = await asked();
  expect(status).toMatchObject({ code: 4, usable: false });
  for (const service of PARTS) {
    expect(status.services).toContainEqual(
      expect.objectContaining({ container: `${service}-1`, state: 'exited' }),
    );
    expect(status.probes).toContainEqual(expect.objectContaining({ service, passed: false }));
  }
  const { code, stderr } = await gather(['up'], { cwd: folder });
  expect(code, stderr).toBe(0);
  expect(await asked()).toMatchObject({ code: 0, usable: true });
});

test('what is paused is said to be, and gather up thaws it', async () => {
  await dockerOk(['pause', idOf('redis')]);
  const status = await asked();
  expect(status).toMatchObject({ code: 4, usable: false });
  expect(status.services).toContainEqual(expect.objectContaining({ service: 'redis', state: 'paused' }));
  expect(status.probes).toContainEqual(expect.objectContaining({ service: 'redis', passed: false }));
  const { code, stderr } = await gather(['up'], { cwd: folder });
  expect(code, stderr).toBe(0);
  expect(await asked()).toMatchObject({ code: 0, usable: true });
});

test('gather status --format env is lines for a shell', async () => {
  const { stdout } = await gatherOk(['status', '--format', 'env'], { cwd: folder });
  expect(stdout).toMatch(/^GATHER_USABLE='true'$/m);
  expect(stdout).toMatch(/^GATHER_URL_\w+='http/m);
});

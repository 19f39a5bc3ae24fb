import { appendFileSync, chmodSync, chownSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { containersOf, docker, startsOf, until } from './docker.js';
import { emptyFolder, gather, gatherOk, HOME, type Ran } from './gather.js';

const shared = inject('stack');

/** Ctrl-C as soon as `gather up` says something that matches; what it ended with then. */
async function interrupted(folder: string, when: RegExp): Promise<Ran> {
  const up = execa('node', [join(HOME, 'dist/main.js'), 'up'], {
    cwd: folder,
    reject: false,
    stdin: 'ignore',
  });
  let sent = false;
  up.stderr.on('data', () => {});
  for await (const line of up.iterable({ from: 'stderr' }))
    if (!sent && when.test(String(line))) {
      sent = true;
      up.kill('SIGINT');
    }
  const { exitCode, stdout, stderr } = await up;
  expect(sent, `nothing that matches ${when}:\n${stderr}`).toBe(true);
  return { code: exitCode ?? -1, stdout, stderr };
}

describe('before anything starts', () => {
  const folder = emptyFolder('preflight');
  const own = createServer();
  let port = 0;

  beforeAll(async () => {
    await new Promise<void>((resolve) => own.listen(0, '127.0.0.1', resolve));
    const address = own.address();
    port = typeof address === 'object' && address ? address.port : 0;
    const settings = [
      `PROXY_PORT=${new URL(shared.proxyUrl).port || 80}`,
      `AIRFLOW_WEB_PORT=${port}`,
      'AIRFLOW_UID=50000',
    ];
    await gatherOk(['init', '--yes', ...settings.flatMap((setting) => ['--set', setting])], { cwd: folder });
  });
  afterAll(() => {
    own.close();
    rmSync(folder, { recursive: true });
  });

  test('every problem is named at once, ports with their owners, and nothing is started', async () => {
    chownSync(join(folder, 'logs'), 0, 0);
    chmodSync(join(folder, 'logs'), 0o755);
    const { code, stderr } = await gather(['up'], { cwd: folder });
    expect(code).toBe(1);
    expect(stderr).toContain('3 things keep the stack from starting');
    expect(stderr).toMatch(
      new RegExp(`which proxy wants, is held by service proxy of the stack \\S+ in ${shared.folder}`),
    );
    expect(stderr).toMatch(
      new RegExp(`port ${port}, which airflow-webserver wants, is held by process ${process.pid} \\(.+\\)`),
    );
    expect(stderr).toContain(`${join(folder, 'logs')} cannot be written by user 50000`);
    expect(stderr).toContain('gather env set PROXY_PORT ');
    expect(stderr).toContain('sudo chown');
    expect((await containersOf(folder)).size).toBe(0);
  });

  test('a compose.yaml that was changed by hand is not overwritten', async () => {
    const file = join(folder, 'compose.yaml');
    const before = readFileSync(file, 'utf8');
    appendFileSync(file, '# mine\n');
    const { code, stderr } = await gather(['up'], { cwd: folder });
    expect(code).toBe(1);
    expect(stderr).toContain('changed by hand');
    expect(stderr).toContain('compose.override.yaml');
    expect(readFileSync(file, 'utf8')).toBe(`${before}# mine\n`);
  });
});

/** One stack that meets one fault after the other; each test repairs what it broke. */
describe('while the stack starts', () => {
  const folder = emptyFolder('faults');
  const settings = join(folder, 'config/airflow_local_settings.py');
  const up = (...args: string[]) => gather(['up', ...args], { cwd: folder });
  const set = async (name: string, value: string) => gatherOk(['env', 'set', name, value], { cwd: folder });

  beforeAll(async () => {
    await gatherOk(['init', '--yes'], { cwd: folder });
  });
  afterAll(async () => {
    await gatherOk(['down', '--volumes', '--yes'], { cwd: folder });
    rmSync(folder, { recursive: true });
  });

  test('an init that fails is named as the root, and those that wait for it as waiting', async () => {
    await set('_AIRFLOW_DB_MIGRATE', 'false');
    const { code, stderr } = await up();
    expect(code).toBe(4);
    expect(stderr).toContain('error: airflow-init-1 ended with exit code 1');
    expect(stderr).toMatch(/waiting for it: .*airflow-scheduler/);
    expect(stderr).toContain(
      '| init failed: The database is not at the version of this Airflow, and _AIRFLOW_DB_MIGRATE is not true',
    );
    expect(stderr).toContain('gather logs airflow-init');
    // nothing is torn down, so that a person can look
    expect((await containersOf(folder)).get('postgres-1')?.State.Status).toBe('running');
    await set('_AIRFLOW_DB_MIGRATE', 'true');
  });

  test('a broken airflow_local_settings.py ends the wait at once, with its own line', async () => {
    const original = readFileSync(settings, 'utf8');
    writeFileSync(settings, 'import there_is_no_such_module\n');
    const started = Date.now();
    const { code, stderr } = await up();
    writeFileSync(settings, original);
    expect(code).toBe(4);
    expect(stderr).toMatch(
      /error: airflow-\S+ ended with exit code 1: config\/airflow_local_settings\.py cannot be imported/,
    );
    expect(stderr).toContain("No module named 'there_is_no_such_module'");
    expect(Date.now() - started).toBeLessThan(60_000);
  });

  test('a syntax error in airflow_local_settings.py is named with its file', async () => {
    const original = readFileSync(settings, 'utf8');
    writeFileSync(settings, 'def broken(:\n');
    const { code, stderr } = await up();
    writeFileSync(settings, original);
    expect(code).toBe(4);
    expect(stderr).toMatch(/error: airflow-\S+ .*config\/airflow_local_settings\.py cannot be imported/);
  });

  test.each(['redis', 'postgres'])(
    '%s killed while the others start is the root, at once',
    async (service) => {
      // nothing runs yet, so what runs then is of this boot
      await gatherOk(['down'], { cwd: folder });
      const booting = up();
      const running = (all: Awaited<ReturnType<typeof containersOf>>) =>
        all.get('airflow-scheduler-1')?.State.Status === 'running' &&
        all.get(`${service}-1`)?.State.Status === 'running';
      const containers = await until(() => containersOf(folder), running, 60);
      await docker(['kill', containers.get(`${service}-1`)?.Id ?? '']);
      const killed = Date.now();
      const { code, stderr } = await booting;
      expect(code, stderr).toBe(4);
      expect(stderr).toContain(`error: ${service}-1 was killed from outside`);
      expect(Date.now() - killed).toBeLessThan(5000);
      await gatherOk(['down'], { cwd: folder });
    },
  );

  test('Ctrl-C in the middle of the boot', async () => {
    const { code, stderr } = await interrupted(folder, /airflow-scheduler.*(created|starting)/);
    expect(code).toBe(130);
    expect(stderr).toContain('gather up goes on from here');
  });

  test('a deadline leaves everything running and says how to go on; the next up gets there', async () => {
    const { code, stderr } = await up('--timeout', '1');
    expect(code).toBe(4);
    expect((await containersOf(folder)).get('postgres-1')?.State.Status).toBe('running');
    expect(stderr).toContain('the stack is not usable after 1 s; everything is left running');
    expect(stderr).toContain('gather up --timeout 2 waits on');
    const after = await up();
    expect(after, after.stderr).toMatchObject({ code: 0 });
  });

  test('Ctrl-C in the middle of a build changes neither .env nor the stack', async () => {
    const file = join(folder, 'requirements.txt');
    const original = readFileSync(file, 'utf8');
    const [env, before] = [readFileSync(join(folder, '.env'), 'utf8'), startsOf(await containersOf(folder))];
    writeFileSync(file, `${original}\ncowsay\n# ${Date.now()}\n`);
    const { code, stderr } = await interrupted(folder, /airflow: /);
    writeFileSync(file, original);
    expect(code).toBe(130);
    expect(stderr).toContain('was stopped');
    expect(readFileSync(join(folder, '.env'), 'utf8') === env).toBe(true);
    expect(startsOf(await containersOf(folder))).toEqual(before);
    expect((await up()).stdout).toContain('nothing had to change');
  });

  test('a new password in .env is the one that the database has after the next up; nobody says it', async () => {
    const { stdout: password } = await gatherOk(['env', 'get', 'AF_PASS'], { cwd: folder });
    const other = `other ' $ ${password.trim()}`;
    await gatherOk(['env', 'set', 'AF_PASS'], { cwd: folder, input: other });
    const { code, stdout, stderr } = await up();
    expect(code, stderr).toBe(0);
    const logs = await docker(['compose', 'logs', '--no-color'], { cwd: folder });
    for (const said of [stdout, stderr, logs.stdout, logs.stderr])
      expect([password.trim(), encodeURIComponent(other)].map((secret) => said.includes(secret))).toEqual([
        false,
        false,
      ]);
  });

  test('a new Fernet key is refused while nothing runs that could read the old one', async () => {
    await gatherOk(['down'], { cwd: folder });
    const env = readFileSync(join(folder, '.env'), 'utf8');
    const { code, stderr } = await gather(['init', '--yes', '--rotate', 'AIRFLOW__CORE__FERNET_KEY'], {
      cwd: folder,
    });
    expect(code).toBe(1);
    expect(stderr).toContain('only the present Fernet key can read');
    expect(stderr).toContain('gather up, then again');
    expect(readFileSync(join(folder, '.env'), 'utf8') === env).toBe(true);
    expect((await docker(['compose', 'ps', '--all', '--quiet'], { cwd: folder })).stdout).toBe('');
  });
});

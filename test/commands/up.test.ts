import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Options } from '../../src/commands/command.js';
import { run } from '../../src/commands/up.js';
import { Output } from '../../src/output/output.js';
import type { DifferenceRow } from '../../src/stack/differs.js';
import type { LauncherReport } from '../../src/stack/observe/launcher.js';
import type { UpReport } from '../../src/stack/up/up.js';
import { PlayStack } from '../stack/play-stack.js';

afterEach(() => {
  vi.unstubAllEnvs();
});

/** A stack whose engine is found, as that of a shell is. */
async function playedStack(): Promise<PlayStack> {
  const played = await PlayStack.start();
  for (const [name, value] of Object.entries(played.env())) vi.stubEnv(name, value);
  return played;
}
const up = (played: PlayStack, options: Options = {}, more = {}) =>
  run(played.context(more), [], { timeout: '30', ...options });
const said = (played: PlayStack) =>
  played.events.flatMap((event) => (event.type === 'note' || event.type === 'warning' ? [event.text] : []));

test('--timeout takes a number of seconds, and nothing else', async () => {
  const played = await PlayStack.start();
  for (const timeout of ['0', '-1', 'soon'])
    await expect(up(played, { timeout })).rejects.toMatchObject({
      code: 'USAGE',
      message: `--timeout ${timeout}: must be a number of seconds`,
    });
  expect(played.asked).toEqual([]);
});

test('--explain starts nothing, and lists what differs from production', async () => {
  const played = await PlayStack.start();
  const { data, text } = await up(played, { explain: true });
  const { differences, launcher } = data as { differences: DifferenceRow[]; launcher: LauncherReport };
  const workers = differences.find(({ setting }) => setting === 'AIRFLOW__WEBSERVER__WORKERS');
  expect(workers).toMatchObject({ here: '1', production: '4' });
  expect(text?.split('\n')[0]).toMatch(/^setting +here +production +why$/);
  expect(text).toMatch(/^AIRFLOW__WEBSERVER__WORKERS +1 +4 /m);
  expect(launcher).toMatchObject({ name: 'plain', patches: [] });
  expect(text).toMatch(/^launcher: Airflow runs as it is, but for: /m);
  await expect(up(played, { explain: true, profile: ['flowr'] })).rejects.toMatchObject({ code: 'USAGE' });
  expect(played.asked).toEqual([]);
});

describe('a stack', () => {
  test('that comes up is told with its links, its login, and where the time went; no password', async () => {
    const played = await playedStack();
    const { text = '' } = await up(played);
    const env = played.open().project.env;
    expect(text.split('\n')[0]).toBe('The stack is usable.');
    expect(text).toMatch(new RegExp(`^  Airflow +http://localhost:${env.get('PROXY_PORT')}/$`, 'm'));
    expect(text).toContain('login: airflow_user; its password: gather env get _AIRFLOW_WWW_USER_PASSWORD');
    expect(text).toMatch(/^ {2}took: engine [\d.]+ s, preflight [\d.]+ s, images/m);
    expect(text).toMatch(/airflow-scheduler/);
    expect(text).not.toContain(env.get('_AIRFLOW_WWW_USER_PASSWORD'));
    expect((await up(played)).text?.split('\n')[0]).toBe('The stack is usable; nothing had to change.');
  });

  test('--timeline writes where the time of the boot went, also of the last one when nothing had to be booted', async () => {
    const played = await playedStack();
    const timeline = join(played.place, 'boot.html');
    await up(played, { timeline });
    expect(readFileSync(timeline, 'utf8')).toContain('airflow-scheduler');
    expect(said(played)).toContain(`timeline: ${timeline}`);
    rmSync(timeline);
    await up(played, { timeline });
    expect(existsSync(timeline)).toBe(true);
    expect(said(played)).toContain('nothing had to be booted: the timeline is of the last boot');
    rmSync(join(played.folder, '.gather/last-boot.json'));
    rmSync(timeline);
    await up(played, { timeline });
    expect(existsSync(timeline)).toBe(false);
    expect(said(played)).toContain(`${timeline} is not written: this stack was never booted from here`);
  });

  test('that does not come up has its timeline, too; that one cannot be written is not what is told then', async () => {
    const played = await playedStack();
    const timeline = join(played.place, 'boot.html');
    played.onUp = () => {
      const id = played.docker.create('redis');
      played.docker.start(id);
      played.docker.die(id, 1);
      return undefined;
    };
    const failed = { message: 'redis-1 ended with exit code 1' };
    await expect(up(played, { timeline })).rejects.toMatchObject(failed);
    expect(readFileSync(timeline, 'utf8')).toContain('redis');
    played.docker.containers.length = 0;
    await expect(up(played, { timeline: join(played.place, 'none/boot.html') })).rejects.toMatchObject(
      failed,
    );
    expect(said(played)).toContainEqual(expect.stringContaining('Cannot write'));
  });

  test('that fails before anything is started has no timeline', async () => {
    const played = await playedStack();
    played.docker.create('redis', { folder: played.place });
    mkdirSync(join(played.place, '.gather'));
    writeFileSync(join(played.place, '.env'), 'COMPOSE_PROJECT_NAME=play\n');
    const timeline = join(played.place, 'boot.html');
    await expect(up(played, { timeline })).rejects.toMatchObject({ code: 'STACK_FOREIGN' });
    expect(said(played)).toContain(`${timeline} is not written: it failed before anything was started`);
  });
});

describe('a folder', () => {
  test('without a project is made one after a yes, and not before', async () => {
    const played = await playedStack();
    const folder = join(played.place, 'new');
    await expect(up(played, {}, { folder })).rejects.toMatchObject({
      code: 'NEEDS_YES',
      exitCode: 3,
      message: `There is no project in ${folder}.`,
      hints: ['gather init asks for each value', 'gather up --yes takes the defaults'],
    });
    expect(existsSync(folder)).toBe(false);
    // none of its images is here: it is stopped once it is made
    const stop = new AbortController();
    const output = Object.assign(new Output('text'), { event: () => stop.abort() });
    const stopped = up(played, {}, { folder, yes: true, output, signal: stop.signal });
    await expect(stopped).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(readdirSync(folder)).toEqual(
      expect.arrayContaining(['.env', 'compose.yaml', 'dags', 'gather.yaml']),
    );
  });

  test('whose .env lacks a value gets it after a yes', async () => {
    const played = await playedStack();
    writeFileSync(
      join(played.folder, '.env'),
      played.read('.env').replace(/^AIRFLOW__CORE__FERNET_KEY=.*\n/m, ''),
    );
    await expect(up(played)).rejects.toMatchObject({
      code: 'NEEDS_YES',
      message: '.env lacks AIRFLOW__CORE__FERNET_KEY.',
    });
    expect((await up(played, {}, { yes: true })).text).toContain('The stack is usable.');
    expect(played.read('.env')).toMatch(/^AIRFLOW__CORE__FERNET_KEY=[\w-]{43}=$/m);
    expect(said(played)).toContainEqual(expect.stringMatching(/^init: .*\.env/));
  });

  test('whose gather.yaml was edited follows it without a question', async () => {
    const played = await playedStack();
    const manifest = played.read('gather.yaml').replace('airflow: 2.11.2', 'airflow: 2.11.1');
    writeFileSync(join(played.folder, 'gather.yaml'), manifest);
    const { data } = await up(played);
    expect((data as UpReport).boot?.airflow).toBe('2.11.1');
    expect(said(played)).toContainEqual(expect.stringMatching(/^init: .*compose\.yaml/));
  });
});

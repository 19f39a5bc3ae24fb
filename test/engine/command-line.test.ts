import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { COMMANDS } from '../../src/commands/table.js';
import { emptyFolder, gather, gatherJson, gatherOk, HOME } from './gather.js';

let folder: string;
beforeAll(async () => {
  folder = emptyFolder('command-line');
  await gatherOk(['init', '--yes'], { cwd: folder });
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('help', () => {
  test('names every command, and where to start', async () => {
    for (const args of [['--help'], []]) {
      const { stdout } = await gatherOk(args, { cwd: folder });
      for (const name of Object.keys(COMMANDS)) expect(stdout).toMatch(new RegExp(`^ {2}${name}[ |]`, 'm'));
      expect(stdout).toContain('gather init --yes && gather up --yes');
    }
  });

  test('of a subcommand has what it takes, and the common options may stand anywhere', async () => {
    for (const args of [
      ['dags', 'push', '--help'],
      ['help', 'dags', 'push'],
      ['-C', folder, 'dags', '-y', 'push', '--help'],
    ]) {
      const { stdout } = await gatherOk(args, { cwd: folder });
      expect(stdout).toMatch(
        /^Usage: gather dags push \[options\]\n[\s\S]*--dry-run[\s\S]*Examples:\n {2}gather dags push/,
      );
    }
    const { stdout } = await gatherOk(['--output', 'json', 'env', '-C', folder, 'get', 'PG_USER'], {
      cwd: '/',
    });
    expect(JSON.parse(stdout)).toMatchObject({ type: 'result', data: { name: 'PG_USER' } });
  });

  test.each(Object.keys(COMMANDS))('of %s has an example and says what it is for', async (name) => {
    const { stdout } = await gatherOk([name, '--help'], { cwd: folder });
    expect(stdout).toContain(COMMANDS[name]?.summary);
    expect(stdout).toMatch(new RegExp(`Examples:\\n(.*\\n)*.*gather ${name}`));
    expect(stdout).toContain('--output <format>');
  });

  test('tells the version', async () => {
    expect((await gatherOk(['--version'], { cwd: folder })).stdout).toMatch(/^\d+\.\d+\.\d+$/);
  });
});

test.each([
  [['inti'], /unknown command 'inti'/],
  [['init', '--colour'], /unknown option '--colour'/],
  [['render', 'too', 'many'], /too many arguments/],
  [['up', '--timeout', 'soon'], /--timeout soon: must be a number of seconds/],
  [['status', '--output', 'xml'], /'xml' is invalid. Allowed choices are text, json/],
  [['exec'], /missing required argument 'service'/],
  [['db'], /^Usage: gather db/],
  [['db', 'drop'], /unknown command 'drop'/],
  [['engine', 'restart'], /unknown command 'restart'\n\(Did you mean start\?\)/],
  [['completion', 'tcsh'], /'tcsh' is invalid.* Allowed choices are bash, zsh, fish/],
  [['env', 'get', 'PG_USER', 'extra'], /too many arguments for 'get'/],
  [['env', 'list', '--against', 'nowhere'], /unknown option '--against'/],
  [['dags', 'new', 'my_dag', '--delete', '--unpause', '--logs'], /unknown option '--delete'/],
  [['dags', 'triger', 'my_dag'], /Did you mean trigger\?/],
  [['logs', 'airflow-schedule'], /did you mean "airflow-scheduler"/],
  [['exec', 'postgre', 'psql'], /did you mean "postgres"/],
])('%j is wrong usage', async (args, message) => {
  const { code, stdout, stderr } = await gather(args, { cwd: folder });
  expect([code, stderr, stdout]).toEqual([2, expect.stringMatching(message), '']);
});

test.each([
  [['logs'], 1, /does not run\n[\s\S]*gather up/],
  [['logs', 'airflow-scheduler'], 1, /does not run\n[\s\S]*gather up/],
  [['restart'], 1, /does not run\n[\s\S]*gather up/],
  [['up', '--profile', 'flowr', '--explain'], 2, /no service has the profile "flowr"; did you mean "flower"/],
  [['init', '--yes', '--topology', 'celry'], 1, /^error: unknown topology "celry"; did you mean "celery"/],
  [['init', '--yes', '--component', 'redi'], 1, /^error: unknown component "redi"; did you mean "redis"/],
  [['env', 'get', 'PG_PASSS'], 1, /^error: \.env has no PG_PASSS; did you mean PG_PASS\?/],
  [['env', 'unset', 'PG_PASSS'], 1, /^error: \.env has no PG_PASSS\n/],
])('%j of a project that does not run says why not', async (args, exit, message) => {
  const { code, stdout, stderr } = await gather(args, { cwd: folder });
  expect([code, stderr, stdout]).toEqual([exit, expect.stringMatching(message), '']);
});

describe('output as JSON', () => {
  test.each([
    [['init', '--yes'], 0],
    [['render'], 0],
    [['render', '--check'], 0],
    [['env', 'list'], 0],
    [['env', 'get', 'PG_USER'], 0],
    [['env', 'set', 'PG_USER', 'developer'], 0],
    [['components'], 0],
    [['components', 'celery'], 0],
    [['topologies'], 0],
    [['completion', 'bash'], 0],
    [['engine'], 0],
    [['engine', 'env'], 0],
    [['images'], 0],
    [['status'], 4],
  ])('of %j is a line of JSON each, the last one the result', async (args, code) => {
    const ran = await gather([...args, '--output', 'json'], { cwd: folder });
    const lines = ran.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; data?: unknown });
    expect([ran.code, lines.at(-1)]).toEqual([code, { type: 'result', data: expect.anything() }]);
    expect(ran.stderr).toBe('');
  });

  test.each([
    [['env', 'get', 'NOTHING'], 1, 'VARIABLE_INVALID'],
    [['components', 'redi'], 1, 'COMPONENT_INVALID'],
    [['up', '--timeout', 'soon'], 2, 'USAGE'],
    [['down', '--volumes'], 3, 'NEEDS_YES'],
    [['status', '--project', '/'], 1, 'PROJECT_NOT_FOUND'],
  ])('of the failing %j is an error with its code', async (args, code, name) => {
    const ran = await gather([...args, '--output', 'json'], { cwd: folder });
    expect(ran.code).toBe(code);
    expect(JSON.parse(ran.stdout)).toMatchObject({
      type: 'error',
      code: name,
      message: expect.any(String),
      details: expect.any(Array),
      hints: expect.any(Array),
    });
  });
});

describe('the catalog', () => {
  test('is listed with what each part is', async () => {
    const components = await gatherJson<{ name: string; summary: string; file: string }[]>(['components'], {
      cwd: folder,
    });
    expect(components.map((one) => one.name)).toEqual(
      expect.arrayContaining(['airflow', 'celery', 'external-postgres', 'postgres', 'proxy', 'redis']),
    );
    expect(components.filter((one) => !one.summary || !one.file.startsWith(HOME))).toEqual([]);
    const { stdout } = await gatherOk(['components', 'external-postgres'], { cwd: folder });
    expect(stdout).toMatch(/replaces: postgres[\s\S]*variables: PG_HOST, PG_PORT/);
    const unknown = await gather(['components', 'redi'], { cwd: folder });
    expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringContaining('did you mean "redis"?')]);
  });

  test('has the topologies with their components', async () => {
    const topologies = await gatherJson<{ name: string; components: string[] }[]>(['topologies'], {
      cwd: folder,
    });
    expect(topologies.find((one) => one.name === 'celery')?.components).toContain('docker-socket-proxy');
    expect((await gatherOk(['topologies'], { cwd: folder })).stdout).toContain('celery  ');
  });
});

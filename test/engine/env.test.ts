import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EnvFile } from '../../src/project/dotenv.js';
import { emptyFolder, gather, gatherJson, gatherOk, HOME, ODD } from './gather.js';

let folder: string;
beforeAll(async () => {
  folder = emptyFolder('env');
  await gatherOk(['init', '--yes', '--set', `AF_PASS=${ODD.airflowPassword}`], { cwd: folder });
});
afterAll(() => rmSync(folder, { recursive: true }));

const env = (...args: string[]) => gather(['env', ...args], { cwd: folder });
const get = async (name: string) =>
  (await gatherJson<{ value: string }>(['env', 'get', name], { cwd: folder })).value;
const file = () => readFileSync(join(folder, '.env'), 'utf8');

test('list shows every variable and no secret', async () => {
  const { stdout } = await gatherOk(['env', 'list'], { cwd: folder });
  expect(stdout).toContain('PG_USER=developer');
  expect(stdout).toContain('AF_PASS=***');
  const rows = await gatherJson<{ name: string; secret: boolean; value?: string }[]>(['env', 'list'], {
    cwd: folder,
  });
  expect(rows.filter((row) => row.secret && 'value' in row)).toEqual([]);
  const json = JSON.stringify(rows);
  for (const { name } of rows.filter((row) => row.secret)) {
    const value = EnvFile.parse(file(), '.env').get(name) ?? '';
    if (value !== '') expect(stdout + json).not.toContain(value);
  }
  expect(rows.filter((row) => row.secret).length).toBeGreaterThan(7);
});

test("list hides a variable of the user's own that looks like a secret", async () => {
  writeFileSync(
    join(folder, '.env'),
    `${file()}MY_TOKEN=hunter2\nMY_COLOR=red\nMY_MIRROR=https://me:hunter2@mirror/x\nAIRFLOW_CONN_X=http://u:hunter2@h\n`,
  );
  const { stdout } = await gatherOk(['env', 'list'], { cwd: folder });
  expect(stdout).toContain('MY_COLOR=red');
  expect(stdout).toContain('MY_TOKEN=***');
  expect(stdout).not.toContain('hunter2');
});

test('get gives one value as it is, also of a secret, and knows the nearest name', async () => {
  expect((await gatherOk(['env', 'get', 'AF_PASS'], { cwd: folder })).stdout).toBe(ODD.airflowPassword);
  const { code, stderr } = await env('get', 'AF_PAS');
  expect([code, stderr]).toEqual([1, expect.stringContaining('did you mean AF_PASS?')]);
});

test('set changes a value and what follows from it', async () => {
  await gatherOk(['env', 'set', 'AF_DB', 'other_db'], { cwd: folder });
  expect(await get('AF_DB')).toBe('other_db');
  expect(await get('AIRFLOW__DATABASE__SQL_ALCHEMY_CONN')).toMatch(/\/other_db$/);
  const { stdout } = await gatherOk(['env', 'set', 'AF_DB', 'other_db'], { cwd: folder });
  expect(stdout).toContain('had that value already');
  const refused = await env('set', 'AF_DB', 'a b');
  expect([refused.code, refused.stderr]).toEqual([
    1,
    expect.stringContaining('AF_DB: must be made of letters'),
  ]);
});

test('set takes a secret from stdin only, without its line end', async () => {
  const before = file();
  const refused = await env('set', 'AF_PASS', 'hunter2');
  expect([refused.code, refused.stderr]).toEqual([
    2,
    expect.stringContaining('gather env set AF_PASS < file'),
  ]);
  expect(refused.stderr).not.toContain('hunter2');
  expect(file()).toBe(before);
  const { stdout } = await gatherOk(['env', 'set', 'AF_PASS'], {
    cwd: folder,
    input: `${ODD.webPassword}\n`,
  });
  expect(stdout).not.toContain(ODD.webPassword);
  expect(await get('AF_PASS')).toBe(ODD.webPassword);
  expect(statSync(join(folder, '.env')).mode & 0o777).toBe(0o600);
  const lines = await gather(['env', 'set', 'AF_PASS'], { cwd: folder, input: 'a\nb\n' });
  expect([lines.code, lines.stderr]).toEqual([1, expect.stringContaining('line break')]);
});

test.each([[['get']], [['set']], [['lst']]])('env %j is wrong usage', async (args) => {
  expect((await env(...args)).code).toBe(2);
});

test('unset takes the credentials out, as for production, and init does not make them anew', async () => {
  const url = await get('AIRFLOW__DATABASE__SQL_ALCHEMY_CONN');
  for (const name of ['AF_PASS', 'AF_USER', 'AF_DB']) expect((await env('unset', name)).code).toBe(0);
  await gatherOk(['init', '--yes'], { cwd: folder });
  expect(EnvFile.parse(file(), '.env').names()).not.toContain('AF_PASS');
  expect(await get('AIRFLOW__DATABASE__SQL_ALCHEMY_CONN')).toBe(url);
  const again = await env('unset', 'AF_PASS');
  expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('.env has no AF_PASS')]);
});

test('a signal ends a command that waits', async () => {
  const child = spawn('node', [join(HOME, 'dist/main.js'), 'env', 'set', 'AF_PASS'], {
    cwd: folder,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const before = file();
  // long enough to have asked for stdin: nothing outside shows that it has
  await new Promise((resolve) => setTimeout(resolve, 1000));
  child.kill('SIGTERM');
  expect((await once(child, 'exit'))[0]).toBe(143);
  expect(file()).toBe(before);
});

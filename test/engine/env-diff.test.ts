import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { emptyFolder, gather, gatherOk, ODD } from './gather.js';

const cwd = emptyFolder('env-diff');
const file = join(cwd, 'preprod.env');
let env = '';
beforeAll(async () => {
  await gatherOk(['init', '--yes', '--topology', 'clever-cloud', '--set', `AF_PASS=${ODD.airflowPassword}`], {
    cwd,
  });
  env = readFileSync(join(cwd, '.env'), 'utf8');
});
afterAll(() => rmSync(cwd, { recursive: true }));

const diff = (...options: string[]) =>
  gather(['env', 'diff', '--against', 'preprod.env', ...options], { cwd });

test('the same names with the same values, however they are written, end with 0', async () => {
  writeFileSync(file, `# another environment\n${env}`.replace(/^PG_DB=(.*)$/m, 'export PG_DB="$1"'));
  expect(await diff()).toMatchObject({
    code: 0,
    stdout: '.env and preprod.env set the same names to the same values',
  });
});

test('what is missing or differs is named with its lines and ends with 1; no value is shown', async () => {
  const there = env.replace(/^PG_DB=.*\n/m, '').replace(/^AF_USER=.*$/m, 'AF_USER=n0t-to-be-shown');
  writeFileSync(file, `${there}MORE=n0t-to-be-shown\n`);
  const { code, stdout, stderr } = await diff();
  expect(code).toBe(1);
  expect(stdout.split('\n').map((line) => line.replace(/:\d+/g, ':N'))).toEqual([
    'differs        AF_USER  (.env:N, preprod.env:N)',
    'missing here   MORE     (preprod.env:N)',
    'missing there  PG_DB    (.env:N)',
  ]);
  const json = await diff('--output', 'json');
  expect(json.code).toBe(1);
  expect(JSON.parse(json.stdout)).toMatchObject({ data: { same: false, there: file } });
  expect([stdout, stderr, json.stdout].join('')).not.toMatch(/n0t-to-be-shown|airflow_user|gather_db/);
});

test('a file that cannot be read is told of with its line, one that is not there by its name', async () => {
  writeFileSync(file, 'A=1\nB two=hunter-2\n');
  const { code, stdout, stderr } = await diff();
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toContain(`${file}:2: `);
  expect(stderr).not.toContain('hunter-2');
  rmSync(file);
  expect((await diff()).stderr).toContain(`there is no ${file}`);
  expect((await gather(['env', 'diff'], { cwd })).code).toBe(2);
});

test('.env.template is a start for an environment: init fills it in, and no name is missing then', async () => {
  const template = readFileSync(join(cwd, '.env.template'), 'utf8');
  expect(template).not.toContain(ODD.airflowPassword);
  writeFileSync(file, env);
  writeFileSync(join(cwd, '.env'), template);
  await gatherOk(['init', '--yes'], { cwd });
  const { stdout } = await diff();
  expect(stdout).toMatch(/differs +AF_PASS /);
  expect(stdout).not.toMatch(/missing|empty/);
});

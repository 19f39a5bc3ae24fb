import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { containersOf, dockerOk, replaced, startsOf } from './docker.js';
import { emptyFolder, gather, gatherJson, gatherOk } from './gather.js';

const cwd = emptyFolder('original');
const copy = `${cwd}-copy`;
let name = '';

const volumes = async () =>
  (await dockerOk(['volume', 'ls', '--quiet', '--filter', `label=com.docker.compose.project=${name}`]))
    .split('\n')
    .filter(Boolean);
const sql = (text: string) =>
  gatherOk(
    ['exec', 'postgres', '--', 'sh', '-c', `psql -U "$POSTGRES_USER" -d "$POSTGRES_DB" -Atc "${text}"`],
    { cwd },
  );
const foreign = (folder: string) => ({ code: 1, stderr: expect.stringContaining(`belongs to ${folder}`) });

beforeAll(async () => {
  await gatherOk(['init', '--yes'], { cwd });
  await gatherOk(['up', '--yes', '--timeout', '300'], { cwd });
  name = (await gatherJson<{ value: string }>(['env', 'get', 'COMPOSE_PROJECT_NAME'], { cwd })).value;
  await sql('create table mine as select 42 as answer');
  cpSync(cwd, copy, { recursive: true });
});
afterAll(async () => {
  await gather(['down', '--volumes', '--yes'], { cwd });
  rmSync(cwd, { recursive: true, force: true });
  rmSync(copy, { recursive: true, force: true });
});

describe('a copy beside the original that runs', () => {
  test.each([
    ['restart'],
    ['logs'],
    ['status'],
    ['exec', 'postgres', 'true'],
    ['airflow', 'version'],
    ['dags', 'list'],
    ['dags', 'trigger', 'hello_taskflow'],
    ['db', 'init'],
    ['images', 'prune'],
    ['down'],
  ])('gather %s says whose stack it is, and stops', async (...args) => {
    const before = startsOf(await containersOf(cwd));
    expect(await gather(args, { cwd: copy })).toMatchObject(foreign(cwd));
    expect(startsOf(await containersOf(cwd))).toEqual(before);
  });
});

describe('a deleted .env beside a stack that runs', () => {
  test('leads to no new secrets, and all is well once it is back', async () => {
    const env = join(cwd, '.env');
    const before = startsOf(await containersOf(cwd));
    renameSync(env, `${env}.away`);
    for (const args of [
      ['up', '--yes'],
      ['init', '--yes'],
    ]) {
      const { code, stderr } = await gather(args, { cwd });
      expect([code, stderr]).toEqual([
        1,
        expect.stringContaining('there is no .env here, but a stack or data'),
      ]);
      expect(stderr).toContain(`${name}_postgres-data`);
    }
    renameSync(`${env}.away`, env);
    expect(startsOf(await containersOf(cwd))).toEqual(before);
    expect((await gatherOk(['up'], { cwd })).stdout).toContain('nothing had to change');
  });

  test('a new one that was made without an engine is found out before anything starts', async () => {
    const env = join(cwd, '.env');
    const [text, running] = [readFileSync(env, 'utf8'), await containersOf(cwd)];
    const before = startsOf(running);
    rmSync(env);
    await gatherOk(['init', '--yes'], { cwd, env: { DOCKER_HOST: 'unix:///nowhere.sock' } });
    const { code, stderr } = await gather(['up', '--yes'], { cwd });
    expect([code, stderr]).toEqual([1, expect.stringContaining('the secrets of this one do not open it')]);
    expect(startsOf(await containersOf(cwd))).toEqual(before);
    writeFileSync(env, text, { mode: 0o600 });
    // init.sql is rendered anew, and no container was replaced for it
    await gatherOk(['up'], { cwd });
    expect(replaced(running, await containersOf(cwd))).toEqual([]);
    expect((await sql('select answer from mine')).stdout.trim()).toBe('42');
  });
});

describe('a copy beside the original that is down', () => {
  test('neither takes its data nor deletes it, and the original finds it again', async () => {
    await gatherOk(['down'], { cwd });
    const data = await volumes();
    expect(data).toContain(`${name}_postgres-data`);
    for (const args of [
      ['up', '--yes'],
      ['down', '--volumes', '--yes'],
    ])
      expect(await gather(args, { cwd: copy })).toMatchObject(foreign(cwd));
    expect(await volumes()).toEqual(data);
    await gatherOk(['up', '--yes', '--timeout', '300'], { cwd });
    expect((await sql('select answer from mine')).stdout.trim()).toBe('42');
  });

  test('has a stack of its own under another name, and deletes its own data only', async () => {
    const data = await volumes();
    await gatherOk(['env', 'set', 'COMPOSE_PROJECT_NAME', `${name}-2`], { cwd: copy });
    expect((await gatherOk(['down', '--volumes', '--yes'], { cwd: copy })).stdout).toContain(
      `${name}-2 is down`,
    );
    expect(await volumes()).toEqual(data);
  });
});

test('down --volumes names what it deletes, and leaves what gather did not make', async () => {
  const label = ['--label', `com.docker.compose.project=${name}`];
  const [left, stranger] = [`${name}_of-a-component-that-left`, `${name}_of-an-old-quick-start`];
  const id = (await gatherJson<{ value: string }>(['env', 'get', 'GATHER_PROJECT_ID'], { cwd })).value;
  await dockerOk([
    'volume',
    'create',
    ...label,
    '--label',
    `gather.project=${id}`,
    '--label',
    `gather.folder=${cwd}`,
    left,
  ]);
  await dockerOk(['volume', 'create', ...label, stranger]);
  try {
    const asked = await gather(['down', '--volumes'], { cwd });
    expect([asked.code, asked.stderr]).toEqual([3, expect.stringContaining(`${name}_postgres-data`)]);
    expect(asked.stderr).toContain(left);
    expect(asked.stderr).not.toContain(stranger);
    expect((await gatherOk(['down', '--volumes', '--yes'], { cwd })).stdout).toContain(
      `gather did not make it: ${stranger}`,
    );
    expect(await volumes()).toEqual([stranger]);
  } finally {
    await dockerOk(['volume', 'rm', stranger]);
  }
});

test('a project that is moved takes its data with it, and up and status say so once', async () => {
  const from = emptyFolder('moved-from');
  const to = `${from}-to`;
  mkdirSync(join(from, 'compose/topologies'), { recursive: true });
  writeFileSync(join(from, 'compose/topologies/lone.yaml'), 'summary: a database\ncomponents: [postgres]\n');
  onTestFinished(async () => {
    await gather(['down', '--volumes', '--yes'], { cwd: to });
    for (const folder of [from, to]) rmSync(folder, { recursive: true, force: true });
  });
  await gatherOk(['init', '--yes', '--topology', 'lone'], { cwd: from });
  expect((await gatherOk(['up', '--yes'], { cwd: from })).stderr).not.toContain('moved:');
  const query = (text: string) => [
    'exec',
    'postgres',
    '--',
    'psql',
    '-U',
    'developer',
    '-d',
    'gather_db',
    '-Atc',
    text,
  ];
  await gatherOk(query('create table kept as select 7 as n'), { cwd: from });
  renameSync(from, to);
  const told = `moved: this project was in ${from}, and is in ${to} now; its data belongs to it: `;
  expect((await gather(['status'], { cwd: to })).stderr).toContain(told);
  expect((await gather(['status'], { cwd: to })).stderr).not.toContain('moved:');
  rmSync(join(to, '.gather'), { recursive: true });
  const { stdout } = await gatherOk(['--output', 'json', 'up'], { cwd: to });
  const events = stdout.split('\n').map((line) => JSON.parse(line) as { type: string });
  expect(events.filter(({ type }) => type === 'moved')).toEqual([
    { type: 'moved', from, to, volumes: [expect.stringMatching(/postgres-data$/)] },
  ]);
  expect((await gatherOk(query('select n from kept'), { cwd: to })).stdout.trim()).toBe('7');
});

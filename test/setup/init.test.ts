import fs, {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { VariableSpec } from '../../src/catalog/schema.js';
import { readApplied } from '../../src/project/applied.js';
import { EnvFile } from '../../src/project/dotenv.js';
import type { Interview } from '../../src/setup/ask.js';
import { init } from '../../src/setup/init.js';
import type { InitRequest } from '../../src/setup/request.js';
import { initProgram } from './init-process.js';

const HOME = fileURLToPath(new URL('../..', import.meta.url));

afterEach(() => vi.restoreAllMocks());

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'gather-init-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

const initAt = (folder: string, request: Partial<InitRequest> = {}) =>
  init({
    folder,
    compose: join(HOME, 'compose'),
    examples: HOME,
    set: new Map(),
    rotate: new Set<string>(),
    rederive: new Set<string>(),
    ...request,
  });
/** A project of this topology as nobody has changed it: made once, for an init takes a tenth of a second. */
const fresh = new Map<string, Promise<string>>();
const freshProject = (topology: string): Promise<string> => {
  const known = fresh.get(topology);
  if (known) return known;
  const folder = mkdtempSync(join(tmpdir(), 'gather-init-fresh-'));
  const made = initAt(folder, { topology }).then(() => folder);
  fresh.set(topology, made);
  return made;
};
afterAll(async () => {
  for (const folder of await Promise.all(fresh.values())) rmSync(folder, { recursive: true });
});
const projectOf = async (topology: string) => {
  const folder = newFolder();
  cpSync(await freshProject(topology), folder, { recursive: true });
  return folder;
};
const read = (folder: string, path: string) => readFileSync(join(folder, path), 'utf8');
const envOf = (folder: string) => EnvFile.parse(read(folder, '.env'), '.env');
const valuesOf = (folder: string) => {
  const env = envOf(folder);
  return Object.fromEntries(env.names().map((name) => [name, env.get(name)]));
};

test('two connections that an answer gives one id are refused, and nothing is written', async () => {
  const folder = newFolder();
  const person = {
    variable: async ({ name }: VariableSpec, initial: string) =>
      name === 'S3_AIRFLOW_CONN_ID' ? 's3logs' : initial,
  };
  const request = { topology: 'eks', components: ['s3-logs'], interview: person as unknown as Interview };
  await expect(initAt(folder, request)).rejects.toMatchObject({
    code: 'VARIABLE_INVALID',
    message: expect.stringContaining('both have a connection with the id "s3logs"'),
  });
  expect(readdirSync(folder)).toEqual([]);
});

test('what is wrong on the command line leaves not even a folder', async () => {
  const folder = join(newFolder(), 'new');
  const wrong = initAt(folder, { set: new Map([['PROXY_PORT', 'eighty']]) });
  await expect(wrong).rejects.toMatchObject({ code: 'VARIABLE_INVALID' });
  expect(existsSync(folder)).toBe(false);
});

test('what is written while a person is asked stays, beside their answers', async () => {
  const folder = newFolder();
  await initAt(folder);
  const person = {
    variable: async ({ name }: VariableSpec, initial: string) => {
      if (name === 'AF_DB') await initAt(folder, { set: new Map([['PG_DB', 'from_beside']]) });
      return name === 'AF_USER' ? 'answered' : initial;
    },
  };
  await initAt(folder, { interview: person as unknown as Interview });
  expect(valuesOf(folder)).toMatchObject({ PG_DB: 'from_beside', AF_USER: 'answered', AF_DB: 'airflow_db' });
});

test('a variable of nobody’s is told as set, and told once', async () => {
  const folder = newFolder();
  await initAt(folder);
  const set = new Map([['AIRFLOW_VAR_NEW', '1']]);
  expect((await initAt(folder, { set })).own).toEqual(['AIRFLOW_VAR_NEW']);
  expect((await initAt(folder, { set })).own).toEqual([]);
});

describe('there and back', () => {
  const TOPOLOGIES = ['celery', 'clever-cloud', 'eks', 'git-sync'];
  const PAIRS = TOPOLOGIES.flatMap((a) => TOPOLOGIES.filter((b) => b !== a).map((b) => [a, b] as const));

  test.each(PAIRS)(
    '%s → %s → the first: the values are what they were, and what is rendered has the same bytes',
    async (a, b) => {
      const folder = await projectOf(a);
      await initAt(folder, { set: new Map([['AF_DB', 'mine']]) });
      const [values, compose] = [valuesOf(folder), read(folder, 'compose.yaml')];

      const there = await initAt(folder, { topology: b });
      expect(there.notes.filter((note) => /^(leaves|comes): /.test(note)).length).toBeGreaterThan(0);
      const between = valuesOf(folder);
      const fresh = await freshProject(b);
      expect(read(folder, 'compose.yaml')).toBe(read(fresh, 'compose.yaml'));
      for (const [name, value] of Object.entries(valuesOf(fresh)))
        if (!/PASS|SECRET|KEY|URL|CONN|BACKEND|BROKER|GATHER_|COMPOSE_|_PORT$|AF_DB|_CA|_TLS/.test(name))
          expect([name, between[name]]).toEqual([name, value]);

      await initAt(folder, { topology: a });
      // (a certificate is issued anew, by the same authority)
      const { TRINO_TLS: _, ...kept } = values;
      expect(valuesOf(folder)).toMatchObject(kept);
      expect(read(folder, 'compose.yaml')).toBe(compose);
      // what the way brought is secrets and ports, which stay for the next time
      const brought = Object.keys(valuesOf(folder)).filter((name) => !(name in values));
      expect(brought.filter((name) => !/PASS|SECRET|_PORT$|LOCAL_CA$/.test(name))).toEqual([]);
    },
  );

  test('a second round leaves no second comment behind', async () => {
    const folder = newFolder();
    for (const topology of ['celery', 'clever-cloud', 'celery']) await initAt(folder, { topology });
    const first = read(folder, '.env').split('\n').length;
    for (const topology of ['clever-cloud', 'celery']) await initAt(folder, { topology });
    expect(read(folder, '.env').split('\n').length).toBe(first);
  });

  test('the secret of a component stays while it is away, and a value that a line of a person’s is made of', async () => {
    const folder = newFolder();
    await initAt(folder, { topology: 'clever-cloud' });
    const { MINIO_ROOT_PASSWORD } = valuesOf(folder);
    expect(MINIO_ROOT_PASSWORD).toMatch(/^\w{24}$/);
    writeFileSync(join(folder, '.env'), `${read(folder, '.env')}MINE=\${S3_LOGS_BUCKET}-mine\n`);
    await initAt(folder, { topology: 'celery' });
    expect(valuesOf(folder)).toMatchObject({ MINIO_ROOT_PASSWORD, MINE: 'airflow-logs-mine' });
  });
});

test('gather.yaml edited by hand is followed as --topology is, with or without gather’s memory', async () => {
  for (const forgets of [false, true]) {
    const [edited, asked] = [newFolder(), newFolder()];
    for (const folder of [edited, asked])
      await initAt(folder, { set: new Map([['COMPOSE_PROJECT_NAME', 'x']]) });
    if (forgets) rmSync(join(edited, '.gather'), { recursive: true });
    const manifest = read(edited, 'gather.yaml').replace('topology: celery', 'topology: clever-cloud');
    writeFileSync(join(edited, 'gather.yaml'), manifest);
    const [byHand, byOption] = [await initAt(edited), await initAt(asked, { topology: 'clever-cloud' })];
    expect(byHand.notes).toEqual(byOption.notes);
    expect(read(edited, 'compose.yaml')).toBe(read(asked, 'compose.yaml'));
    expect(Object.keys(valuesOf(edited)).sort()).toEqual(Object.keys(valuesOf(asked)).sort());
    expect(valuesOf(edited).AIRFLOW__CORE__EXECUTOR).toBe('LocalExecutor');
  }
});

describe('a change that is cut short', () => {
  /** Every place at which a file is put where it belongs. */
  const PLACES = [1, 2, 3, 4, 5, 6];

  test.each(PLACES)('after %i files is repeated, or undone by an init without an option', async (after) => {
    for (const topology of ['clever-cloud', undefined]) {
      const folder = await projectOf('celery');
      const { renameSync } = fs;
      let left = after;
      vi.spyOn(fs, 'renameSync').mockImplementation((from, to) => {
        if (left-- === 0) throw Object.assign(new Error('cut'), { code: 'EIO' });
        renameSync(from, to);
      });
      const cut = await initAt(folder, { topology: 'clever-cloud' }).catch((error: Error) => error);
      vi.restoreAllMocks();
      if (cut instanceof Error) expect(cut.message).toContain('EIO');
      await initAt(folder, { topology });
      const is = /^topology: (.*)$/m.exec(read(folder, 'gather.yaml'))?.[1] ?? '';
      const fresh = await freshProject(is);
      expect(read(folder, 'compose.yaml')).toBe(read(fresh, 'compose.yaml'));
      expect(valuesOf(folder).AIRFLOW__CORE__EXECUTOR).toBe(valuesOf(fresh).AIRFLOW__CORE__EXECUTOR);
      expect(Object.keys(valuesOf(fresh)).filter((name) => !(name in valuesOf(folder)))).toEqual([]);
      expect(readApplied(join(folder, '.gather'))?.choices).toEqual([
        { topology: is, airflow: '2.11.2', components: [] },
      ]);
    }
  });

  test('by a folder that cannot be made can be repeated once that is put right', async () => {
    const folder = newFolder();
    await initAt(folder);
    writeFileSync(join(folder, 'file'), '');
    const wrong = { topology: 'clever-cloud', set: new Map([['AIRFLOW_PROJ_DIR', './file/below']]) };
    await expect(initAt(folder, wrong)).rejects.toMatchObject({ code: 'FILE_FAILED' });
    const right = { topology: 'clever-cloud', set: new Map([['AIRFLOW_PROJ_DIR', '.']]) };
    expect((await initAt(folder, right)).topology).toBe('clever-cloud');
    expect(valuesOf(folder).AIRFLOW__CORE__EXECUTOR).toBe('LocalExecutor');
  });
});

describe('processes beside each other', () => {
  test('of six that set a value each, every value is there; and a killed one is in nobody’s way', async () => {
    const place = newFolder();
    const folder = join(place, 'project');
    cpSync(await freshProject('celery'), folder, { recursive: true });
    const run = await initProgram(place);
    const killed = await run({ folder, topology: 'clever-cloud', killAfter: 2 });
    expect(killed.signal).toBe('SIGKILL');
    expect(readdirSync(join(folder, '.gather/writer')).some((name) => !name.endsWith('.free'))).toBe(true);
    writeFileSync(join(folder, '.gather-0123456789ab.tmp'), 'SECRET=of a write that was killed');

    const numbers = Array.from({ length: 6 }, (_, i) => i);
    const done = await Promise.all(
      numbers.map((i) => run({ folder, set: { [`AIRFLOW_VAR_N${i}`]: String(i) } })),
    );
    expect(done.map(({ exitCode, stderr }) => `${exitCode} ${stderr}`)).toEqual(numbers.map(() => '0 '));
    expect(valuesOf(folder)).toMatchObject(
      Object.fromEntries(numbers.map((i) => [`AIRFLOW_VAR_N${i}`, String(i)])),
    );
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    const topology = /^topology: (.*)$/m.exec(read(folder, 'gather.yaml'))?.[1];
    expect(readApplied(join(folder, '.gather'))?.choices.map((one) => one.topology)).toEqual([topology]);
  });
});

describe('a symbolic link out of the project', () => {
  /** What such a link leads to; compose.yaml leads to nothing, or it would be a person's. */
  const TARGETS: Record<string, string | undefined> = {
    '.env': '',
    'gather.yaml': 'topology: celery\n',
    'compose.yaml': undefined,
    '.gather': undefined,
    logs: undefined,
  };

  test.each(Object.keys(TARGETS))('%s stops before anything is written there', async (name) => {
    const [folder, elsewhere] = [newFolder(), newFolder()];
    const target = join(elsewhere, 'target');
    const text = TARGETS[name];
    if (text !== undefined) writeFileSync(target, text);
    symlinkSync(target, join(folder, name));
    await expect(initAt(folder, { topology: 'eks' })).rejects.toMatchObject({
      code: 'FILE_FAILED',
      message: expect.stringContaining(`leads to ${target}, which is outside`),
    });
    expect(readdirSync(elsewhere)).toEqual(text === undefined ? [] : ['target']);
    if (text !== undefined) expect(readFileSync(target, 'utf8')).toBe(text);
  });

  test('a folder of DAGs that a link leads to is used as it is', async () => {
    const [folder, elsewhere] = [newFolder(), newFolder()];
    symlinkSync(elsewhere, join(folder, 'dags'));
    await initAt(folder);
    expect(readdirSync(elsewhere)).toEqual([]);
  });
});

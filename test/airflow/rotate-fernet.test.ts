import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { engineForKeyRotation, FERNET_KEY, rotateFernetKey } from '../../src/airflow/rotate-fernet.js';
import type { Engine } from '../../src/engine/engine.js';
import { EnvFile } from '../../src/project/dotenv.js';
import { changeProject } from '../../src/project/transaction.js';
import { PlayStack } from '../stack/play-stack.js';

const HOME = fileURLToPath(new URL('../..', import.meta.url));
const OLD = 'b2xkLW9sZC1vbGQtb2xkLW9sZC1vbGQtb2xkLW9sZDE=';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gather-fernet-'));
  writeFileSync(join(folder, 'gather.yaml'), 'topology: celery\n');
  writeFileSync(join(folder, '.env'), `${FERNET_KEY}=${OLD}\n`);
});
afterEach(() => rmSync(folder, { recursive: true }));

const env = () => EnvFile.parse(readFileSync(join(folder, '.env'), 'utf8'), '.env');
const keys = () => env().get(FERNET_KEY)?.split(',') ?? [];
const setBeside = (name: string) =>
  changeProject(folder, {}, (draft) => {
    draft.env.set(name, '1');
    draft.save();
  });
interface Steps {
  handing(): unknown;
  /** Gives back the exit code. */
  encrypting(): number | Promise<number>;
  /** What it writes to stderr. */
  says?(): string;
}
const rotate = (steps: Steps) =>
  rotateFernetKey(
    {
      folder,
      home: HOME,
      engine: {} as Engine,
      report: { event() {}, close() {} },
      signal: new AbortController().signal,
    },
    {
      quietly: async () => {
        await steps.handing();
        return '';
      },
      shown: async () => ({ exitCode: await steps.encrypting(), stdout: '', stderr: steps.says?.() ?? '' }),
    },
  );

test('what others set in the minutes of a rotation stays, and the old key is gone in the end', async () => {
  let between: string[] = [];
  await rotate({
    async handing() {
      between = keys();
      await setBeside('AIRFLOW_VAR_A');
    },
    async encrypting() {
      await setBeside('AIRFLOW_VAR_B');
      return 0;
    },
  });
  expect(between).toEqual([expect.stringMatching(/^[\w-]{43}=$/), OLD]);
  expect(keys()).toEqual([between[0]]);
  expect([env().get('AIRFLOW_VAR_A'), env().get('AIRFLOW_VAR_B')]).toEqual(['1', '1']);
});

test('one that fails leaves both keys, and the next one leaves only its own', async () => {
  await expect(rotate({ handing() {}, encrypting: () => 1 })).rejects.toMatchObject({
    code: 'COMMAND_FAILED',
  });
  expect([keys().length, keys()[1]]).toEqual([2, OLD]);
  const before = keys();
  await rotate({ handing() {}, encrypting: () => 0 });
  expect(keys().length).toBe(1);
  expect(before).not.toContain(keys()[0]);
});

test('two at once: neither takes away the key with which the other encrypts', async () => {
  let inner: Promise<void> = Promise.resolve();
  const seen: string[][] = [];
  await rotate({
    async handing() {
      inner = rotate({ handing: () => seen.push(keys()), encrypting: () => 0 });
      await inner;
    },
    encrypting: () => 0,
  });
  expect(seen[0]?.length).toBe(3);
  expect(keys()).toEqual([seen[0]?.[0]]);
});

test('what Airflow says of one that fails is told, without a key', async () => {
  const failing = rotate({
    handing() {},
    encrypting: () => 1,
    says: () => `cannot decrypt with ${keys().join(' and ')}`,
  });
  await expect(failing).rejects.toMatchObject({
    message: 'airflow rotate-fernet-key failed; .env holds both keys, so nothing is unreadable',
    details: ['cannot decrypt with *** and ***'],
    hints: ['gather logs', `gather init --yes --rotate ${FERNET_KEY}`],
  });
});

describe('whether stored values have to be encrypted anew', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });
  const asked = (at: string) => engineForKeyRotation(at, HOME, new AbortController().signal);
  /** A stack whose engine is found. */
  async function playedStack(settings: Record<string, string> = {}) {
    const played = await PlayStack.start(settings);
    for (const [name, value] of Object.entries(played.env())) vi.stubEnv(name, value);
    return played;
  }
  const REFUSED = {
    code: 'STACK_NOT_RUNNING',
    message: 'the database may hold connections that only the present Fernet key can read',
  };

  test('nothing has to be where there is no project yet, or no key', async () => {
    writeFileSync(join(folder, '.env'), '');
    expect(await asked(folder)).toBeUndefined();
    rmSync(join(folder, 'gather.yaml'));
    expect(await asked(folder)).toBeUndefined();
  });

  test('nothing has to be while the stack has no data', async () => {
    const played = await playedStack();
    expect(await asked(played.folder)).toBeUndefined();
  });

  test('it is done by the stack that runs', async () => {
    const played = await playedStack();
    played.docker.volumes.push({
      Name: 'play_postgres-data',
      Labels: { 'com.docker.compose.project': 'play' },
      CreatedAt: '',
    });
    await expect(asked(played.folder)).rejects.toMatchObject(REFUSED);
    played.comeUp();
    expect(await asked(played.folder)).toMatchObject({ host: played.engine.host });
    const scheduler = played.docker.containers.find(({ service }) => service === 'airflow-scheduler');
    played.docker.health(scheduler?.id ?? '', 'unhealthy');
    await expect(asked(played.folder)).rejects.toMatchObject(REFUSED);
  });

  test('a stack of another folder is not touched', async () => {
    const played = await playedStack();
    played.docker.create('redis', { folder: played.place });
    writeFileSync(join(played.place, '.env'), 'COMPOSE_PROJECT_NAME=play\n');
    await expect(asked(played.folder)).rejects.toMatchObject({ code: 'STACK_FOREIGN' });
  });
});

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FERNET_KEY, rotateFernetKey } from '../../src/airflow/rotate-fernet.js';
import type { Engine } from '../../src/engine/engine.js';
import { EnvFile } from '../../src/project/dotenv.js';
import { changeProject } from '../../src/project/transaction.js';

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
const rotate = (steps: { handing(): unknown; encrypting(): number | Promise<number> }) =>
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
      shown: async () => ({ exitCode: await steps.encrypting(), stdout: '', stderr: '' }),
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

import { expect, inject, test } from 'vitest';
import { gather, gatherJson, gatherOk } from '../engine/gather.js';

const { folder: cwd } = inject('stack');
const KEY = 'AIRFLOW__CORE__FERNET_KEY';
const key = async () => (await gatherJson<{ value: string }>(['env', 'get', KEY], { cwd })).value;

test('a new Fernet key in a stack that runs: what was stored stays readable, and the old key is gone', async () => {
  const secret = 'p\'w "x" $ é';
  const uri = `postgres://someone:${encodeURIComponent(secret)}@db.example.test:5432/shop`;
  await gatherOk(['airflow', '--', 'connections', 'add', 'gather_test_fernet', '--conn-uri', uri], { cwd });
  try {
    const old = await key();
    const rotated = await gatherOk(['init', '--yes', '--rotate', KEY], { cwd });
    const fresh = await key();
    expect([fresh === old, /^[\w-]{43}=$/.test(fresh)]).toEqual([false, true]);
    expect([old, fresh].map((value) => (rotated.stdout + rotated.stderr).includes(value))).toEqual([
      false,
      false,
    ]);
    await gatherOk(['up'], { cwd });
    const inside = await gatherOk(['exec', 'airflow-scheduler', 'printenv', KEY], { cwd });
    expect(inside.stdout.trim() === fresh).toBe(true);
    const { stdout } = await gatherOk(
      ['airflow', '--', 'connections', 'get', 'gather_test_fernet', '--output', 'json'],
      { cwd },
    );
    const [connection] = JSON.parse(stdout.trim().split('\n').at(-1) ?? '[]') as { password: string }[];
    expect(connection?.password).toBe(secret);
  } finally {
    await gather(['airflow', '--', 'connections', 'delete', 'gather_test_fernet'], { cwd });
  }
});

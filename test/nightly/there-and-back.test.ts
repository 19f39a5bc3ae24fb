import { rmSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { emptyFolder, gather, gatherJson, gatherOk } from '../engine/gather.js';

test('celery → clever-cloud → celery boots each time, and finds what was stored', async () => {
  const cwd = emptyFolder('there-and-back');
  onTestFinished(async () => {
    await gather(['down', '--volumes', '--yes'], { cwd });
    rmSync(cwd, { recursive: true });
  });
  const variable = (...args: string[]) => gatherOk(['airflow', '--', 'variables', ...args], { cwd });
  const up = async () => {
    const booted = await gather(['up', '--yes', '--timeout', '300'], { cwd });
    expect(booted.code, booted.stderr).toBe(0);
  };
  await gatherOk(['init', '--yes'], { cwd });
  await up();
  await variable('set', 'kept', 'from-celery');
  const { value: before } = await gatherJson<{ value: string }>(['env', 'get', 'AF_PASS'], { cwd });
  for (const topology of ['clever-cloud', 'celery']) {
    await gatherOk(['init', '--yes', '--topology', topology], { cwd });
    await up();
    expect((await variable('get', 'kept')).stdout.trim().split('\n').at(-1)).toBe('from-celery');
    expect((await gather(['status'], { cwd })).code).toBe(0);
  }
  expect((await gatherJson<{ value: string }>(['env', 'get', 'AF_PASS'], { cwd })).value).toBe(before);
});

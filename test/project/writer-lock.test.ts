import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { takeLock } from '../../src/project/writer-lock.js';
import { playClock } from '../play-clock.js';

let folder = '';
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'gather-lock-')), 'writer');
});
afterEach(() => rmSync(join(folder, '..'), { recursive: true }));

/** As somebody leaves it who holds the lock. */
const held = (text: string, number = 7) => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, String(number)), text);
};
const endedProcess = () => spawnSync('true').pid;

test('one after the other, and a number is never used twice', async () => {
  const log: string[] = [];
  const turn = async (name: string) => {
    const lock = await takeLock(folder);
    log.push(`${name} begins`);
    await sleep(20);
    log.push(`${name} ends`);
    lock.release();
  };
  await Promise.all(['a', 'b', 'c'].map(turn));
  expect(log.map((line) => line.split(' ')[1])).toEqual(Array(3).fill(['begins', 'ends']).flat());
  for (const at of [0, 2, 4]) expect(log[at]?.[0]).toBe(log[at + 1]?.[0]);
  expect(readdirSync(folder)).toEqual(['3.free']);
});

test('the lock of a killed process is taken over at once', async () => {
  held(`${endedProcess()} ${hostname()}`);
  const lock = await takeLock(folder);
  expect(lock.holds()).toBe(true);
  expect(readdirSync(folder)).toEqual(['8']);
  lock.release();
});

test('that of a living one is waited for: it is named, and Ctrl-C ends the wait', async () => {
  const clock = playClock();
  held(`${process.pid} ${hostname()}`);
  const stop = new AbortController();
  const said: string[] = [];
  const waiting = takeLock(folder, {
    signal: stop.signal,
    onWait: (holder) => {
      said.push(holder);
      stop.abort();
    },
  });
  const ended = expect(waiting).rejects.toMatchObject({ code: 'CANCELLED', exitCode: 130 });
  await clock.pass(900);
  expect(said).toEqual([]);
  await clock.pass(200);
  await ended;
  expect(said).toEqual([`process ${process.pid}`]);
  expect(readdirSync(folder)).toEqual(['7']);
});

test('one of another machine counts for a minute, and its holder notices that it lost it', async () => {
  const first = await takeLock(folder);
  writeFileSync(join(folder, '1'), '1 another-machine');
  const past = new Date(Date.now() - 61_000);
  utimesSync(join(folder, '1'), past, past);
  const second = await takeLock(folder);
  expect([first.holds(), second.holds()]).toEqual([false, true]);
  first.release();
  expect(second.holds()).toBe(true);
  const third = takeLock(folder);
  await sleep(60);
  second.release();
  (await third).release();
});

test('who was killed before writing its name is waited for two seconds only', async () => {
  held('');
  const past = new Date(Date.now() - 3000);
  utimesSync(join(folder, '7'), past, past);
  (await takeLock(folder)).release();
  expect(readdirSync(folder)).toEqual(['8.free']);
});

test('a folder that cannot be made says so', async () => {
  writeFileSync(join(folder, '..', 'file'), '');
  await expect(takeLock(join(folder, '..', 'file', 'writer'))).rejects.toMatchObject({ code: 'FILE_FAILED' });
});

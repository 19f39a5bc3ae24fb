import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Event } from '../../../src/output/events.js';
import { inTurn } from '../../../src/stack/up/lock.js';
import { playClock } from '../../play-clock.js';

const events: Event[] = [];
const report = { event: (event: Event) => events.push(event), close: () => {} };
const never = new AbortController().signal;
let folder = '';

beforeEach(() => {
  events.length = 0;
  folder = mkdtempSync(join(tmpdir(), 'gather-turn-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('the second starts when the first has ended, and knows that it has waited', async () => {
  const clock = playClock();
  const log: string[] = [];
  const boot = (name: string) =>
    inTurn(folder, report, never, async (waited) => {
      log.push(`${name} begins${waited ? ' late' : ''}`);
      await sleep(300);
      log.push(`${name} ends`);
    });
  const first = boot('first');
  await clock.until(() => expect(log).toEqual(['first begins']));
  const second = boot('second');
  await clock.until(() => expect(log.at(-1)).toBe('second ends'));
  await Promise.all([first, second]);
  expect(log).toEqual(['first begins', 'first ends', 'second begins late', 'second ends']);
  expect(events).toEqual([
    { type: 'note', text: expect.stringContaining('another gather up starts this stack') },
  ]);
});

test('a boot that fails lets the next one go on, and says what it said', async () => {
  const failing = inTurn(folder, report, never, () => Promise.reject(new Error('no space')));
  await expect(failing).rejects.toThrow('no space');
  expect(await inTurn(folder, report, never, async (waited) => waited)).toBe(false);
});

test('Ctrl-C ends the wait, not the boot that is waited for', async () => {
  const stop = new AbortController();
  let [begun, finish] = [false, () => {}];
  const first = inTurn(folder, report, never, () => {
    begun = true;
    return new Promise<string>((resolve) => {
      finish = () => resolve('up');
    });
  });
  await vi.waitFor(() => expect(begun).toBe(true), { interval: 1 });
  const second = inTurn(folder, report, stop.signal, async () => 'up');
  const ended = expect(second).rejects.toMatchObject({ code: 'CANCELLED', exitCode: 130 });
  await vi.waitFor(() => expect(events).toHaveLength(1), { interval: 1 });
  stop.abort();
  await ended;
  finish();
  expect(await first).toBe('up');
});

test('what somebody left who was killed is in nobody’s way', async () => {
  mkdirSync(join(folder, '.gather', 'up.lock'), { recursive: true });
  const past = new Date(Date.now() - 60_000);
  utimesSync(join(folder, '.gather', 'up.lock'), past, past);
  expect(await inTurn(folder, report, never, async (waited) => waited)).toBe(false);
});

test('a folder in which nothing can be written boots all the same', async () => {
  writeFileSync(join(folder, '.gather'), '');
  expect(await inTurn(folder, report, never, async () => 'up')).toBe('up');
});

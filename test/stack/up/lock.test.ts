import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Event } from '../../../src/output/events.js';
import { inTurn } from '../../../src/stack/up/lock.js';

const events: Event[] = [];
const report = { event: (event: Event) => events.push(event), close: () => {} };
const never = new AbortController().signal;
let folder = '';

beforeEach(() => {
  events.length = 0;
  folder = mkdtempSync(join(tmpdir(), 'gather-turn-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const soon = (check: () => void) => vi.waitFor(check, { interval: 1, timeout: 5000 });
/** Work that goes on until it is told that it may end. */
function held() {
  let open = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { gate, open };
}

test('the second starts when the first has ended, and knows that it has waited', async () => {
  const log: string[] = [];
  const boot = (name: string, work = Promise.resolve()) =>
    inTurn(folder, report, never, async (waited) => {
      log.push(`${name} begins${waited ? ' late' : ''}`);
      await work;
      log.push(`${name} ends`);
    });
  const { gate, open } = held();
  const first = boot('first', gate);
  await soon(() => expect(log).toEqual(['first begins']));
  const second = boot('second');
  await soon(() => expect(events).toHaveLength(1));
  open();
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
  const { gate, open } = held();
  let begun = false;
  const first = inTurn(folder, report, never, () => {
    begun = true;
    return gate;
  });
  await soon(() => expect(begun).toBe(true));
  const second = inTurn(folder, report, stop.signal, async () => {});
  const ended = expect(second).rejects.toMatchObject({ code: 'CANCELLED', exitCode: 130 });
  await soon(() => expect(events).toHaveLength(1));
  stop.abort();
  await ended;
  open();
  await first;
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

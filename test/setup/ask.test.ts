import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { confirm, Interview } from '../../src/setup/ask.js';

const stdin = Object.getOwnPropertyDescriptor(process, 'stdin') as PropertyDescriptor;
let keys: PassThrough;
beforeEach(() => {
  keys = new PassThrough();
  Object.defineProperty(process, 'stdin', { value: keys, configurable: true });
});
afterEach(() => Object.defineProperty(process, 'stdin', stdin));

const CANCELLED = { code: 'CANCELLED', exitCode: 130, message: 'cancelled; nothing was changed' };

test.each(['y', 'n'])('a yes or no is what is typed: %s', async (key) => {
  const answer = confirm('Sure?', new AbortController().signal);
  keys.write(key);
  expect(await answer).toBe(key === 'y');
});

test('Ctrl-C, as a key or as a signal, before a question or at it, ends it', async () => {
  const pressed = confirm('Sure?', new AbortController().signal);
  keys.write('\x03');
  await expect(pressed).rejects.toMatchObject(CANCELLED);
  const stop = new AbortController();
  const asked = confirm('Sure?', stop.signal);
  setImmediate(() => stop.abort());
  await expect(asked).rejects.toMatchObject(CANCELLED);
  await expect(confirm('Sure?', stop.signal)).rejects.toMatchObject(CANCELLED);
  await expect(new Interview(() => {}, stop.signal).text('Value', '')).rejects.toMatchObject(CANCELLED);
});

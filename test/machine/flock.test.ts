import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { until } from '../../src/engine/managed/process.js';
import { withLock } from '../../src/machine/flock.js';
import { cancellable } from '../../src/output/cancelled.js';
import { playClock } from '../play-clock.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gather-lock-test-'));
  // the lock of a folder of ours needs no sudo
  vi.spyOn(process, 'getuid').mockReturnValue(0);
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

test('Ctrl-C ends the wait for a lock as CANCELLED, and the holder keeps it', async () => {
  const file = join(folder, 'lock');
  const stop = new AbortController();
  let release = () => {};
  let isHeld = false;
  const holder = withLock(
    file,
    () => {},
    () => {
      isHeld = true;
      return new Promise<void>((resolve) => {
        release = resolve;
      });
    },
  );
  await vi.waitFor(() => expect(isHeld).toBe(true), { interval: 1, timeout: 5000 });
  const clock = playClock();
  const work = vi.fn(async () => {});
  const waiting = cancellable('stopped', stop.signal, () =>
    withLock(file, () => stop.abort(), work, stop.signal),
  );
  const ended = expect(waiting).rejects.toMatchObject({ code: 'CANCELLED', exitCode: 130 });
  await clock.until(() => expect(stop.signal.aborted).toBe(true));
  await ended;
  expect(work).not.toHaveBeenCalled();
  release();
  await holder;
  await withLock(file, () => {}, work);
  expect(existsSync(file)).toBe(true);
});

test('so does it with the wait for anything else', async () => {
  const signal = AbortSignal.timeout(60);
  const waiting = cancellable('stopped', signal, () => until(() => false, 60_000, signal));
  await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' });
});

test('what fails without a Ctrl-C stays what it is', async () => {
  const fault = new Error('no space left');
  await expect(cancellable('stopped', undefined, () => Promise.reject(fault))).rejects.toBe(fault);
});

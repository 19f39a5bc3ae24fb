import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers/promises';
import { onTestFinished, vi } from 'vitest';

/** What tells the time, and what waits. All that brings an answer (sockets, files, processes) goes on as it is. */
const CLOCKWORK = ['Date', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] as const;

/** How much time passes between two checks. */
const STEP_MS = 50;

/** After so long by the machine's own clock what is expected does not come any more. */
const GIVE_UP_MS = 4000;

/** A clock on which time passes when a test says so, and not while it waits. */
export interface PlayClock {
  /** Lets so many milliseconds pass, with all that falls due in them. */
  pass(ms: number): Promise<void>;
  /**
   * Lets time pass until what `check` expects is so, and no longer than `ms`.
   * @returns how much has passed, in ms
   */
  until(check: () => unknown, ms?: number): Promise<number>;
}

/** Puts such a clock in the place of the machine's until the end of the test, also for `node:timers/promises`. */
export function playClock(): PlayClock {
  vi.useFakeTimers({ toFake: [...CLOCKWORK] });
  const { setTimeout: real } = timers;
  timers.setTimeout = sleep as typeof timers.setTimeout;
  syncBuiltinESMExports();
  onTestFinished(() => {
    timers.setTimeout = real;
    syncBuiltinESMExports();
    vi.useRealTimers();
  });
  const pass = async (ms: number) => {
    await vi.advanceTimersByTimeAsync(ms);
  };
  return {
    pass,
    async until(check, ms = Number.POSITIVE_INFINITY) {
      const began = performance.now();
      for (let passed = 0; ; passed += STEP_MS)
        try {
          await check();
          return passed;
        } catch (error) {
          if (passed >= ms || performance.now() - began > GIVE_UP_MS) throw error;
          await pass(STEP_MS);
        }
    },
  };
}

/** As Node's own, on the clock that there is now. */
function sleep<T>(ms: number, value: T, { signal }: { signal?: AbortSignal } = {}): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve(value);
    }, ms);
    if (signal?.aborted) stop();
    else signal?.addEventListener('abort', stop, { once: true });
  });
}

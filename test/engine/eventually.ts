import { setTimeout as sleep } from 'node:timers/promises';

/** Asks again and again until there is an answer. Throws with `what` when there is none within `timeoutMs`. */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | undefined>,
  { timeoutMs = 120_000, everyMs = 250 } = {},
): Promise<T> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > end) throw new Error(`no sign of ${what} within ${timeoutMs / 1000} s`);
    await sleep(everyMs);
  }
}

/** Nobody answered in time. */
export class NoAnswer extends Error {
  constructor(ms: number) {
    super(`no answer within ${ms / 1000} s`);
    this.name = 'NoAnswer';
  }
}

/**
 * The answer to `ask`, which gets a signal that ends the request itself: after `ms`, and as soon as `signal` is aborted. Throws
 * NoAnswer or the signal's reason at that moment, whatever `ask` makes of it.
 * @param lasts gives what the signal still has to end once the answer has begun: a stream. It has no limit then.
 */
export async function within<T>(
  ms: number,
  signal: AbortSignal | undefined,
  ask: (signal: AbortSignal) => Promise<T>,
  lasts?: (answer: T) => NodeJS.EventEmitter,
): Promise<T> {
  signal?.throwIfAborted();
  const stop = new AbortController();
  const heed = () => stop.abort(signal?.reason);
  const forget = () => signal?.removeEventListener('abort', heed);
  signal?.addEventListener('abort', heed);
  const timer = setTimeout(() => stop.abort(new NoAnswer(ms)), ms);
  const stopped = new Promise<never>((_, reject) => {
    stop.signal.addEventListener('abort', () => reject(stop.signal.reason as Error));
  });
  try {
    const answer = await Promise.race([ask(stop.signal), stopped]);
    if (lasts) lasts(answer).once('close', forget);
    else forget();
    return answer;
  } catch (error) {
    forget();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

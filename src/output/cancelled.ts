import { GatherError } from './errors.js';

/** The error of work that Ctrl-C ended; 130 is what a shell makes of it. */
export function cancelled(message: string, cause?: unknown): GatherError {
  return new GatherError('CANCELLED', message, { exitCode: 130, cause });
}

/** Does `work`. Whatever fails in it after Ctrl-C failed because of that, and is thrown as CANCELLED with `message`. */
export async function cancellable<T>(
  message: string,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  try {
    signal?.throwIfAborted();
    return await work();
  } catch (error) {
    throw signal?.aborted ? cancelled(message, error) : error;
  }
}

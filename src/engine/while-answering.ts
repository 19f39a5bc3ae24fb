import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from './api.js';
import type { Engine } from './engine.js';
import { LIMITS } from './limits.js';

/**
 * Does `work`: a program that talks to the engine, such as Compose, which waits for one that is frozen for ever. Its signal ends the
 * program after `signal`, and when the engine no longer answers: then ENGINE_FAILED is thrown, whatever `work` makes of it.
 */
export async function whileAnswering<T>(
  engine: Engine,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const over = new AbortController();
  const frozen = new AbortController();
  const watch = look(engine, over.signal).catch((error: unknown) => {
    if (!over.signal.aborted) frozen.abort(error);
  });
  try {
    const done = await work(signal ? AbortSignal.any([signal, frozen.signal]) : frozen.signal);
    if (!frozen.signal.aborted) return done;
  } catch (error) {
    if (!frozen.signal.aborted) throw error;
  } finally {
    over.abort();
    await watch;
  }
  throw frozen.signal.reason;
}

async function look(engine: Engine, over: AbortSignal): Promise<void> {
  const docker = await connect(engine, over);
  for (;;) {
    await docker.ping();
    await sleep(LIMITS.look, undefined, { signal: over });
  }
}

import { dirname } from 'node:path';
import { GatherError } from '../output/errors.js';
import { asRoot, spawnAsRoot } from './sudo.js';

/**
 * Runs `work` while no other gather on this machine holds the lock. The kernel's own lock through flock(1): it is gone when its
 * holder is gone, so that it cannot be stale after a kill -9 or a reboot. `signal` ends the wait for it.
 */
export async function withLock<T>(
  file: string,
  onWait: () => void,
  work: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  await asRoot(['mkdir', '-p', dirname(file)]);
  signal?.throwIfAborted();
  const holder = spawnAsRoot(['flock', '--exclusive', file, 'sh', '-c', 'echo locked; exec cat >/dev/null']);
  const { stdin, stdout } = holder;
  const waiting = setTimeout(onWait, 500);
  const ended = new Promise<void>((resolve) => holder.once('close', () => resolve()));
  // Waiting, it does not look at its stdin. Where we may not signal root's program, it ends as soon as it gets the lock.
  const giveUp = () => holder.kill();
  signal?.addEventListener('abort', giveUp);
  try {
    await new Promise<void>((resolve, reject) => {
      stdout?.once('data', () => resolve());
      holder.once('error', reject);
      holder.once('close', (code) => reject(new Error(`flock ended with ${code}`)));
    }).catch((cause: Error) => {
      throw new GatherError('ENGINE_FAILED', `The lock ${file} cannot be taken: ${cause.message}`, { cause });
    });
    clearTimeout(waiting);
    signal?.removeEventListener('abort', giveUp);
    return await work();
  } finally {
    clearTimeout(waiting);
    signal?.removeEventListener('abort', giveUp);
    stdin?.on('error', () => {});
    stdin?.end();
    if (!signal?.aborted) await ended;
  }
}

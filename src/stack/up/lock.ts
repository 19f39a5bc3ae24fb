import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cancelled } from '../../output/cancelled.js';
import type { Reporter } from '../../output/events.js';
import { FILES } from '../../project/project.js';

/** A holder that was killed has not touched its lock for so long; a living one does five times as often. */
const STALE_MS = 10_000;

/** How often somebody who waits looks. */
const LOOK_MS = 200;

/**
 * Runs `work` while no other gather boots the stack of this folder: two `up` at once would make the same containers. `work`
 * hears whether it had to wait, and so may find nothing left to do. Throws CANCELLED after `signal`.
 */
export async function inTurn<T>(
  folder: string,
  report: Reporter,
  signal: AbortSignal,
  work: (waited: boolean) => Promise<T>,
): Promise<T> {
  const { default: lockfile } = await import('proper-lockfile');
  const state = join(folder, FILES.state);
  const take = () =>
    // a holder that stood still for so long goes on without its lock: that is not worth a failed boot
    lockfile.lock(join(state, 'up'), {
      realpath: false,
      stale: STALE_MS,
      update: STALE_MS / 5,
      onCompromised: () => {},
    });
  if (signal.aborted) throw cancelled('stopped before anything was started');
  let waited = false;
  let release: (() => Promise<void>) | undefined;
  while (!release) {
    try {
      mkdirSync(state, { recursive: true });
      release = await take();
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (!code) throw error;
      // a folder that cannot be written keeps nobody from booting
      if (code !== 'ELOCKED') break;
      if (!waited)
        report.event({
          type: 'note',
          text: 'another gather up starts this stack, or was killed just now: waiting for it',
        });
      waited = true;
      await sleep(LOOK_MS, undefined, { signal }).catch(() => {
        throw cancelled('stopped while another gather up was starting the stack; that one goes on');
      });
    }
  }
  try {
    return await work(waited);
  } finally {
    await release?.().catch(() => {});
  }
}

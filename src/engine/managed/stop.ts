import { withLock } from '../../machine/flock.js';
import { asRoot } from '../../machine/sudo.js';
import { GatherError } from '../../output/errors.js';
import { removeBridge } from './bridge.js';
import { launch } from './daemon.js';
import { dropBridgeRules } from './firewall.js';
import { unmountLeftovers } from './mounts.js';
import { type ManagedPaths, managedPaths } from './paths.js';
import { daemonPid, helperPids, isOurDaemon, until } from './process.js';

/**
 * Stops the managed engine, its containers and its containerd. Images and volumes stay.
 * @returns false when there was nothing to stop
 * @throws GatherError ENGINE_FAILED when dockerd is still there after `timeoutSeconds` (default 60)
 */
export async function stopManaged({
  timeoutSeconds = 60,
}: {
  timeoutSeconds?: number;
} = {}): Promise<boolean> {
  const paths = managedPaths();
  if (daemonPid(paths) === undefined && helperPids(paths).length === 0) return false;
  return withLock(
    paths.lock,
    () => {},
    async () => {
      // A dockerd that was killed left its containers running: only a dockerd can end them properly.
      if (daemonPid(paths) === undefined && helperPids(paths).length > 0) await launch(paths);
      const pid = daemonPid(paths);
      if (pid !== undefined) await terminate(pid, paths, timeoutSeconds);
      await cleanUp(paths);
      return true;
    },
  );
}

async function terminate(pid: number, paths: ManagedPaths, timeoutSeconds: number): Promise<void> {
  await asRoot(['kill', '-TERM', String(pid)]);
  if (await until(() => !isOurDaemon(pid, paths), timeoutSeconds * 1000)) return;
  throw new GatherError('ENGINE_FAILED', `The managed engine is still stopping after ${timeoutSeconds} s.`, {
    hints: [
      'gather engine status',
      `The log: ${paths.log}`,
      `By force: sudo kill -9 ${pid} && gather engine stop`,
    ],
  });
}

async function cleanUp(paths: ManagedPaths): Promise<void> {
  const ended = await until(() => helperPids(paths).length === 0, 5000);
  if (!ended) await asRoot(['kill', '-TERM', ...helperPids(paths).map(String)]).catch(() => undefined);
  await unmountLeftovers(paths);
  await dropBridgeRules(paths.bridge);
  await removeBridge(paths);
  await asRoot(['rm', '-f', paths.pidFile, paths.socket]);
}

import { statSync } from 'node:fs';
import { withLock } from '../../machine/flock.js';
import { asRoot, rootPrefix } from '../../machine/sudo.js';
import { cancellable } from '../../output/cancelled.js';
import { GatherError } from '../../output/errors.js';
import { firstUsable } from '../discover.js';
import type { Engine } from '../engine.js';
import { pings } from '../ping.js';
import { makeBridge } from './bridge.js';
import { daemonConfig } from './config.js';
import { restoreOthers, snapshot } from './firewall.js';
import { installManaged } from './install.js';
import { explain, readLog, telling } from './log.js';
import { type ManagedPaths, managedPaths } from './paths.js';
import { containerdPid, daemonPid, isAlive, until } from './process.js';
import type { Progress } from './progress.js';

/** dockerd has this long to answer: it restarts containers and checks its images first. */
const START_MS = 60_000;
const LOG_BYTES = 10_000_000;

/**
 * Starts the managed engine and installs it first if need be. One that runs is taken as it is; of two starts at once the
 * second waits for the first. The engine outlives this process.
 * @param signal ends the installing and the waiting; a dockerd that is starting goes on
 * @throws GatherError ENGINE_UNSUPPORTED when this machine cannot have one, ENGINE_FAILED when it does not come up,
 *   CANCELLED after `signal`
 */
export async function startManaged(progress: Progress = () => {}, signal?: AbortSignal): Promise<Engine> {
  return cancellable('starting the managed engine was stopped', signal, () => start(progress, signal));
}

async function start(progress: Progress, signal: AbortSignal | undefined): Promise<Engine> {
  const paths = managedPaths();
  if (!(await runs(paths))) {
    if (process.platform === 'linux') rootPrefix();
    await withLock(
      paths.lock,
      () => progress('Waiting for another gather that is starting the engine'),
      async () => {
        if (await runs(paths)) return;
        await installManaged(paths, progress, signal);
        signal?.throwIfAborted();
        progress('Starting the engine');
        await launch(paths, signal);
      },
      signal,
    );
  }
  const engine = await open(paths);
  if (engine.storageDriver === 'vfs') {
    progress(
      'Beware: this file system has no overlay support; images take much room and time (storage driver vfs).',
    );
  }
  return engine;
}

async function runs(paths: ManagedPaths): Promise<boolean> {
  return daemonPid(paths) !== undefined && (await pings(paths.host));
}

async function open(paths: ManagedPaths): Promise<Engine> {
  const place = { source: 'the managed engine', host: paths.host, chosen: true };
  const { engine } = await firstUsable([place]);
  if (engine === undefined) throw new GatherError('ENGINE_FAILED', 'The managed engine does not answer.');
  return engine;
}

/** Starts dockerd in a session of its own and waits until it answers. Call it with the lock held. */
export async function launch(paths: ManagedPaths, signal?: AbortSignal): Promise<void> {
  const running = daemonPid(paths);
  // An own dockerd that runs and does not answer is starting up: it gets its time, and no second one beside it.
  const firewall = running === undefined ? await snapshot() : undefined;
  const from = running === undefined ? await prepare(paths) : 0;
  const pid = running ?? (await spawnDaemon(paths));
  const alive = () => isAlive(pid);
  let answers = false;
  try {
    await until(
      async () => {
        answers = await pings(paths.host);
        return answers || !alive();
      },
      START_MS,
      signal,
    );
  } finally {
    if (firewall) await restoreOthers(firewall, paths);
  }
  if (!answers) throw startFailed(readLog(paths.log, from), alive(), paths);
  // The socket is root's; who may sudo may use it.
  if (process.getuid?.() !== 0) await asRoot(['chown', String(process.getuid?.()), paths.socket]);
}

/** Clears what a killed engine or a reboot left, and returns the log's size in bytes. */
async function prepare(paths: ManagedPaths): Promise<number> {
  await asRoot(['mkdir', '-p', paths.root, paths.run]);
  await asRoot(['rm', '-f', paths.pidFile, paths.socket]);
  // dockerd waits ten seconds for a containerd that it takes for alive by its pid file, a zombie or a stranger.
  const gone = await until(() => containerdPid(paths) === undefined, 1000);
  if (gone) await asRoot(['rm', '-f', paths.containerdPidFile]);
  const config = daemonConfig(paths, await makeBridge(paths));
  await asRoot(['tee', paths.config], { input: `${JSON.stringify(config, null, 2)}\n` });
  if (logBytes(paths) > LOG_BYTES) await asRoot(['mv', '-f', paths.log, `${paths.log}.1`]);
  return logBytes(paths);
}

function logBytes(paths: ManagedPaths): number {
  return statSync(paths.log, { throwIfNoEntry: false })?.size ?? 0;
}

async function spawnDaemon(paths: ManagedPaths): Promise<number> {
  const command = [
    ...['dockerd', '--config-file', paths.config, '--pidfile', paths.pidFile],
    ...[
      '--containerd-namespace',
      paths.namespace,
      '--containerd-plugins-namespace',
      `${paths.namespace}-plugins`,
    ],
  ];
  // setsid in the background is no group leader, so it does not fork and $! is dockerd itself.
  const script = 'log=$1; shift; cd /; umask 022; setsid "$@" </dev/null >>"$log" 2>&1 & echo $!';
  return Number(await asRoot(['sh', '-c', script, 'gather', paths.log, ...command], { bin: paths.bin }));
}

function startFailed(log: string, alive: boolean, paths: ManagedPaths): GatherError {
  const message = alive
    ? `The managed engine does not answer after ${START_MS / 1000} s.`
    : 'The managed engine ended while it was starting.';
  const hints = [...explain(log), `The whole log: ${paths.log}`];
  return new GatherError('ENGINE_FAILED', message, { details: telling(log), hints });
}

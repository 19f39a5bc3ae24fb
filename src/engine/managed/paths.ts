import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Where everything of the managed engine lies. */
export interface ManagedPaths {
  root: string;
  /** The distribution's packages, unpacked: `prefix/usr/bin/docker` and so on. */
  prefix: string;
  /** Images, volumes, containers. */
  data: string;
  /** The .deb files. */
  packages: string;
  /** apt's lists and caches while installing. */
  apt: string;
  config: string;
  log: string;
  /** Files of the running engine; gone after a reboot. */
  run: string;
  socket: string;
  host: string;
  pidFile: string;
  exec: string;
  /** Written by dockerd for the containerd that it starts. */
  containerdPidFile: string;
  lock: string;
  /** The engine's default bridge: an own one, so that docker0 stays with whoever has it. */
  bridge: string;
  /** Name for containerd's namespace: a containerd that the machine already runs may be shared with others. */
  namespace: string;
  /** Folders that hold programs of the engine, for PATH. */
  bin: string[];
  plugins: string;
}

const DEFAULT_ROOT = '/var/lib/gather/engine';

/**
 * The layout: one managed engine a machine, the same from every folder and HOME. GATHER_ENGINE_DIR moves all of it, so that
 * tests can run a second one beside it.
 */
export function managedPaths(env: NodeJS.ProcessEnv = process.env): ManagedPaths {
  const moved = env.GATHER_ENGINE_DIR || undefined;
  const root = moved ?? DEFAULT_ROOT;
  const run = moved === undefined ? '/run/gather' : join(root, 'run');
  const prefix = join(root, 'prefix');
  const socket = join(run, 'docker.sock');
  // A bridge's name has 15 characters at most.
  const name =
    moved === undefined ? 'gather' : `gath-${createHash('sha256').update(root).digest('hex').slice(0, 8)}`;
  return {
    root,
    prefix,
    data: join(root, 'data'),
    packages: join(root, 'packages'),
    apt: join(root, 'apt'),
    config: join(root, 'daemon.json'),
    log: join(root, 'dockerd.log'),
    run,
    socket,
    host: `unix://${socket}`,
    pidFile: join(run, 'docker.pid'),
    exec: join(run, 'exec'),
    containerdPidFile: join(run, 'exec/containerd/containerd.pid'),
    lock: join(run, 'lock'),
    bridge: `${name}0`,
    namespace: name,
    bin: [join(prefix, 'usr/bin'), join(prefix, 'usr/sbin')],
    plugins: join(prefix, 'usr/libexec/docker/cli-plugins'),
  };
}

/** True when the packages are unpacked. The prefix is renamed into place as a whole, so there is no half of it. */
export function isInstalled(paths: ManagedPaths = managedPaths()): boolean {
  return existsSync(join(paths.prefix, 'usr/sbin/dockerd'));
}

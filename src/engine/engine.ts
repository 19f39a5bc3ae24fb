/** A Docker Engine that answered when it was dialled, and the tools with which to drive it. */
export interface Engine {
  /** `own` is the user's, `managed` is the private one that gather runs. */
  kind: 'own' | 'managed';
  /** Such as `unix:///run/gather/docker.sock` or `tcp://10.0.0.2:2376`. */
  host: string;
  version: string;
  apiVersion: string;
  composeVersion: string;
  /** The version of buildx; absent when it is not installed, and then no image can be built. */
  buildx?: string;
  memoryBytes: number;
  cpus: number;
  /** Always `linux`: other engines are refused. */
  os: string;
  /** As the engine says it: `x86_64`, `aarch64`. */
  arch: string;
  rootless: boolean;
  /** How image layers are stored: `overlay2`, or the slow `vfs`. */
  storageDriver: string;
  /** Where the socket lies on the engine's own machine (in Docker Desktop's VM, say), for bind mounts. */
  socketPath: string;
  /** The docker CLI to run: an absolute path. */
  docker: string;
  /** The compose CLI to run, and its first arguments. */
  compose: string[];
  /** What to add to a child's environment so that docker, compose and buildx talk to this engine. */
  env: Record<string, string>;
}

/** Engine 25 is the first with `start_interval` in health checks, which every component uses. */
export const OLDEST_ENGINE = '25.0';
/** Docker Engine 25 speaks API 1.44; Podman and others are judged by this too. */
export const OLDEST_API = '1.44';
/** Compose 2.23.1 is the first with inline `configs.content`. */
export const OLDEST_COMPOSE = '2.23.1';

/** Compares dotted version numbers and ignores what follows them: `26.1.5+dfsg1` is 26.1.5. */
export function isOlder(version: string, than: string): boolean {
  const numbers = (text: string) => (text.match(/\d+(\.\d+)*/)?.[0] ?? '0').split('.').map(Number);
  const [left, right] = [numbers(version), numbers(than)];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

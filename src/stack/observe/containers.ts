import { type ContainerInfo, connect, type EngineApi } from '../../engine/api.js';
import { type Stack, stackName } from '../../engine/compose.js';
import { unlessRefused } from '../../engine/failure.js';
import type { ServiceState } from '../../output/events.js';
import type { Wanted } from './wanted.js';

/** A container of the stack, as the engine lists it. */
export interface StackContainer {
  id: string;
  /** Service and number, as Compose names it: `airflow-worker-2`. */
  label: string;
  service: string;
  number: number;
  state: ServiceState;
  exitCode: number | undefined;
  image: string;
  /** Compose's digest of the service at the time it was created. */
  configHash: string;
  /** Ports of this machine that it publishes. */
  ports: number[];
  /** The services that it waited for when it was made, also those that only a compose.override.yaml knows. */
  waitsFor: string[];
  /** The file in it that says what became of the launcher's patches when it started; absent where it has none. */
  patches?: string | undefined;
  /** The networks that it is connected to: full name → its address there. */
  networks: Record<string, string>;
}

const LABEL = 'com.docker.compose';
/** Of a service of Airflow that a launcher with patches starts: the file that says which are in force. */
export const PATCHES_LABEL = 'gather.patches';

/** Every container of a stack as it is, also of profiles that are not in use. */
export async function containersOf({ engine, project, signal }: Stack): Promise<StackContainer[]> {
  const all = { oneShots: new Set<string>(), idle: new Set<string>() };
  return listContainers(await connect(engine, signal), stackName(project), all);
}

/**
 * The containers of a stack, found by Compose's own labels; one-off ones (`compose run`) are left out, and so are those
 * that a profile which is not in use has left behind.
 */
export async function listContainers(
  docker: EngineApi,
  stack: string,
  wanted: Pick<Wanted, 'oneShots' | 'idle'>,
): Promise<StackContainer[]> {
  const label = [`${LABEL}.project=${stack}`, `${LABEL}.oneoff=False`];
  const infos = await docker.listContainers({ all: true, filters: { label } });
  const containers = await Promise.all(
    infos
      .map(toContainer)
      .map(async (one) =>
        one.state !== 'done' || wanted.oneShots.has(one.service) || (await isToEnd(docker, one.id))
          ? one
          : { ...one, state: 'exited' as const },
      ),
  );
  return containers
    .filter((one) => !wanted.idle.has(one.service) || isSettled(one))
    .sort((a, b) => (a.service < b.service ? -1 : a.service > b.service ? 1 : a.number - b.number));
}

/** True for a container that the engine does not start again: that it has ended well is its own will. */
async function isToEnd(docker: EngineApi, id: string): Promise<boolean> {
  const info = await unlessRefused(docker.inspectContainer(id));
  return info?.HostConfig?.RestartPolicy?.Name === 'no';
}

function toContainer(info: ContainerInfo): StackContainer {
  const service = info.Labels[`${LABEL}.service`] ?? '';
  const number = Number(info.Labels[`${LABEL}.container-number`] ?? 1);
  const exit = /^(?:Exited|Restarting) \((\d+)\)/.exec(info.Status)?.[1];
  return {
    id: info.Id,
    label: `${service}-${number}`,
    service,
    number,
    state: stateOf(info.State, info.Status),
    exitCode: exit === undefined ? undefined : Number(exit),
    image: info.Image,
    configHash: info.Labels[`${LABEL}.config-hash`] ?? '',
    ports: info.Ports.flatMap((port) => (port.PublicPort ? [port.PublicPort] : [])),
    // `redis:service_healthy:false,…`
    waitsFor: (info.Labels[`${LABEL}.depends_on`] ?? '').split(',').flatMap((one) => one.split(':')[0] || []),
    patches: info.Labels[PATCHES_LABEL],
    networks: Object.fromEntries(
      Object.entries(info.NetworkSettings?.Networks ?? {}).map(([name, { IPAddress }]) => [name, IPAddress]),
    ),
  };
}

/** The engine's list says the health only in words: `Up 3 seconds (health: starting)`. */
function stateOf(state: string, status: string): ServiceState {
  if (state === 'exited' || state === 'dead') return /^Exited \(0\)/.test(status) ? 'done' : 'exited';
  if (state === 'restarting' || state === 'paused' || state === 'created') return state;
  if (state !== 'running') return 'missing';
  if (/\(healthy\)/.test(status)) return 'healthy';
  if (/\(unhealthy\)/.test(status)) return 'unhealthy';
  if (/\(health: starting\)/.test(status)) return 'starting';
  return 'running';
}

/** True when a container is as it is to be: healthy, running without a health check, or a one-shot that ended well. */
export function isSettled(container: StackContainer): boolean {
  return container.state === 'healthy' || container.state === 'running' || container.state === 'done';
}

import { isSettled, type StackContainer } from './containers.js';
import type { Wanted } from './wanted.js';

/** One thing in which the containers of a stack are not as they are wanted. */
export interface Difference {
  service: string;
  /**
   * - `gone`: it is wanted, and has no container
   * - `missing`, `surplus`: it has some, fewer or more than wanted
   * - `unknown`: nothing wants it; an override or a component did that is gone
   * - `changed`: it was made from another compose.yaml, override or `.env`
   * - `cut off`: somebody took it from a network (`docker network disconnect`); Docker calls it healthy all the same
   * - `state`: it does not run, or not well
   */
  kind: 'gone' | 'missing' | 'surplus' | 'unknown' | 'changed' | 'cut off' | 'state';
  /** In words. */
  cause: string;
  /** Which container, where it is one of several. */
  container?: StackContainer;
}

/** States in which the engine has no place in a network for a container. */
const NOT_CONNECTED = new Set(['created', 'exited', 'done', 'missing']);

/**
 * Everything in which a stack is not as wanted, service by service; nothing when a repeated `up` has nothing to do.
 * @param stack its name, which Compose puts before the names of networks
 */
export function difference(wanted: Wanted, containers: StackContainer[], stack: string): Difference[] {
  return [
    ...Object.keys(wanted.replicas).flatMap((service) => numberOf(service, wanted, containers)),
    ...containers.flatMap((container) => faultsOf(container, wanted, stack)),
  ];
}

/** Of a service whose profile is not in use any number may be left, but no more than it would have. */
function numberOf(service: string, { replicas, idle }: Wanted, containers: StackContainer[]): Difference[] {
  const wanted = replicas[service] ?? 1;
  const there = containers.filter((one) => one.service === service).length;
  if (there === wanted || (there < wanted && idle.has(service))) return [];
  if (there === 0) return [{ service, kind: 'gone', cause: 'has no container' }];
  const cause = `${there} of it where ${wanted} ${wanted === 1 ? 'is' : 'are'} wanted`;
  return [{ service, kind: there < wanted ? 'missing' : 'surplus', cause }];
}

function faultsOf(container: StackContainer, wanted: Wanted, stack: string): Difference[] {
  const { service, label, state } = container;
  const found: Difference[] = [];
  const add = (kind: Difference['kind'], cause: string) => found.push({ service, kind, cause, container });
  if (!(service in wanted.replicas)) add('unknown', 'nothing wants it any more');
  const hash = wanted.hashes?.[service];
  if (hash !== undefined && hash !== container.configHash)
    add('changed', 'compose.yaml or .env has changed since the start');
  const networks = missingNetworks(wanted, container, stack);
  if (networks.length) add('cut off', `${label} is not connected to ${networks.join(', ')}`);
  if (!isSettled(container)) add('state', `${label} is ${state}`);
  return found;
}

function missingNetworks(wanted: Wanted, container: StackContainer, stack: string): string[] {
  if (NOT_CONNECTED.has(container.state)) return [];
  const names = (wanted.networks[container.service] ?? []).map(({ key, name }) => name ?? `${stack}_${key}`);
  return names.filter((name) => !(name in container.networks));
}

import type { StackContainer } from './containers.js';
import type { StackShape } from './shape.js';

/** A container that runs without a network that its service wants: what is on it cannot reach the container. */
export interface CutOff {
  container: StackContainer;
  /** The networks that are missing, by their full names. */
  networks: string[];
}

/** The containers that somebody took from a network (`docker network disconnect`); Docker calls them healthy all the same. */
export function cutOff(containers: StackContainer[], shape: StackShape, stack: string): CutOff[] {
  return containers
    .filter(({ state }) => !['created', 'exited', 'done', 'missing'].includes(state))
    .map((container) => {
      const wanted = shape.networks[container.service] ?? [];
      const names = wanted.map(({ key, name }) => name ?? `${stack}_${key}`);
      return { container, networks: names.filter((name) => !(name in container.networks)) };
    })
    .filter(({ networks }) => networks.length > 0);
}

import { GatherError } from '../output/errors.js';
import { nearest } from '../output/nearest.js';
import { linkAddress, routePath } from './addresses.js';
import { lookupIn } from './lookup.js';
import type { Component, Topology, VariableSpec } from './schema.js';

/**
 * What shows only once all components of a stack are known. A service that a component only changes counts as known: it
 * may be absent from this stack. Throws COMPONENT_INVALID with file and line.
 */
export function checkComponents(components: Component[], variables: VariableSpec[]): void {
  const services = new Set(components.flatMap((component) => Object.keys(component.services)));
  const lookup = lookupIn(variables, () => undefined);
  for (const component of components) {
    const check = (what: string, service: string, path: (string | number)[]) => {
      if (!services.has(service))
        throw new GatherError(
          'COMPONENT_INVALID',
          `${what} the service "${service}", which this stack does not have${suggestion(service, services)}`,
          { where: component.at(path) },
        );
    };
    for (const [i, { service }] of component.probes.entries())
      check('a probe is for', service, ['x-gather', 'probes', i, 'service']);
    for (const service of Object.keys(component.passes))
      check('"passes" names', service, ['x-gather', 'passes', service]);
    for (const route of Object.keys(component.routes)) routePath(component, route, lookup);
    for (const title of Object.keys(component.links)) linkAddress(component, title, lookup);
  }
}

/** A topology sets what its components declare. Throws TOPOLOGY_INVALID with the line of what none does. */
export function checkSettings(topology: Topology, components: Component[]): void {
  const known = new Set(
    components.flatMap(({ variables, images, dockerfiles }) => [
      ...variables.map((variable) => variable.name),
      ...[...images, ...dockerfiles].map((image) => image.variable),
    ]),
  );
  for (const name of Object.keys(topology.settings))
    if (!known.has(name))
      throw new GatherError(
        'TOPOLOGY_INVALID',
        `settings name ${name}, which no component of this topology declares${suggestion(name, known)}`,
        { where: topology.at(['settings', name]) },
      );
}

function suggestion(name: string, known: Iterable<string>): string {
  const near = nearest(name, [...known]);
  return near ? `; did you mean "${near}"?` : '';
}

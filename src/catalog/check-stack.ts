import { GatherError } from '../output/errors.js';
import { nearest } from '../output/nearest.js';
import { linkAddress } from './addresses.js';
import { checkKinds } from './check-kinds.js';
import { templateVariables } from './facts.js';
import { lookupIn } from './lookup.js';
import { DERIVED_KINDS, kindsOf, type Offers, offered } from './offers.js';
import type { Component, Topology, VariableSpec } from './schema.js';

/**
 * What shows only once all components of a stack are known. A service of a component that is not in this stack may be changed, asked
 * and named all the same: it is left out. Throws COMPONENT_INVALID with file and line.
 * @param others every component that there is, asked only for a name that the stack does not know
 */
export function checkComponents(
  { components, offers }: { components: Component[]; offers: Offers },
  variables: VariableSpec[],
  others: () => Component[],
): void {
  const own = servicesOf(components);
  let all: Set<string> | undefined;
  const kinds = { ...DERIVED_KINDS, ...kindsOf(components) };
  const lookup = lookupIn(variables, () => undefined);
  for (const component of components) {
    const check = (what: string, service: string, path: (string | number)[]) => {
      if (own.has(service)) return;
      all ??= servicesOf(others());
      if (!all.has(service))
        throw new GatherError(
          'COMPONENT_INVALID',
          `${what} the service "${service}", which no component has${suggestion(service, all)}`,
          { where: component.at(path) },
        );
    };
    for (const [i, { service }] of component.probes.entries())
      check('"ready" asks', service, ['x-gather', 'ready', i, 'service']);
    for (const service of Object.keys(component.changes))
      check('"changes" names', service, ['x-gather', 'changes', service]);
    for (const service of Object.keys(component.passes))
      check('"passes" names', service, ['x-gather', 'passes', service]);
    for (const [part, service] of Object.entries(component.provides))
      if (service) check('"provides" names', service, ['x-gather', 'provides', part]);
    for (const [kind, { name, value }] of Object.entries(component.takes))
      for (const key of [name, value])
        if (!component.collects[kind]?.[key])
          throw new GatherError(
            'COMPONENT_INVALID',
            `"takes" needs "${key}" of ${kind} among what is collected`,
            {
              where: component.at(['x-gather', 'takes', kind]),
            },
          );
    for (const [path, { service = [] }] of Object.entries(component.files))
      for (const one of service) check('the file is for', one, ['x-gather', 'files', path, 'service']);
    checkKinds(component, kinds, () => kindsOf(others()));
    for (const title of Object.keys(component.links)) linkAddress(component, title, lookup);
  }
  for (const offer of Object.values(offers).flat())
    for (const key of Object.keys(offer.item)) offered(offer, key, lookup);
  checkImages(components, variables);
}

function servicesOf(components: Component[]): Set<string> {
  return new Set(components.flatMap((component) => Object.keys(component.services)));
}

/** What an image stands on is another of the stack; what goes into its build is known, and no secret: a layer would keep it. */
function checkImages(components: Component[], variables: VariableSpec[]): void {
  const images = new Map(components.flatMap((one) => one.images).map((image) => [image.variable, image]));
  const known = new Map(variables.map((variable) => [variable.name, variable]));
  for (const component of components)
    for (const { variable, on, args, files } of component.images) {
      const path = ['x-gather', 'images', variable];
      const wrong = (problem: string, ...below: string[]) =>
        new GatherError('COMPONENT_INVALID', `image ${variable} ${problem}`, {
          where: component.at([...path, ...below]),
        });
      if (on !== undefined && !images.has(on))
        throw wrong(`stands on ${on}, which no component has${suggestion(on, images.keys())}`, 'on');
      const below = new Set<string>();
      for (let next: string | undefined = on; next !== undefined; next = images.get(next)?.on) {
        if (next === variable) throw wrong('stands on itself', 'on');
        if (below.has(next)) break;
        below.add(next);
      }
      for (const [part, templates] of Object.entries({ args, files }))
        for (const [key, template] of Object.entries(templates))
          for (const name of template.startsWith('./') ? [] : templateVariables(template)) {
            const found = known.get(name);
            if (!found)
              throw wrong(`names ${name}, which nobody declares${suggestion(name, known.keys())}`, part, key);
            if (found.secret) throw wrong(`would hold ${name}, which is a secret`, part, key);
          }
    }
}

/**
 * A topology sets what its components declare. Throws TOPOLOGY_INVALID with the line of what none does.
 * @param others further components that may declare it, asked only for a name that the stack does not know
 */
export function checkSettings(
  topology: Topology,
  components: Component[],
  others: () => Iterable<Component>,
): void {
  const known = new Set(components.flatMap(declaredBy));
  const strange = Object.keys(topology.settings).filter((name) => !known.has(name));
  if (strange.length === 0) return;
  for (const name of [...others()].flatMap(declaredBy)) known.add(name);
  for (const name of strange)
    if (!known.has(name))
      throw new GatherError(
        'TOPOLOGY_INVALID',
        `settings name ${name}, which no component of this topology declares${suggestion(name, known)}`,
        { where: topology.at(['settings', name]) },
      );
}

function declaredBy({ variables, images, dockerfiles }: Component): string[] {
  return [
    ...variables.map((variable) => variable.name),
    ...[...images, ...dockerfiles].map((image) => image.variable),
  ];
}

function suggestion(name: string, known: Iterable<string>): string {
  const near = nearest(name, [...known]);
  return near ? `; did you mean "${near}"?` : '';
}

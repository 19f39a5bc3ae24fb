import { GatherError } from '../output/errors.js';
import { BIND, bindVariable } from './bind.js';
import type { Blueprint, Selection } from './blueprint.js';
import type { Catalog } from './catalog.js';
import { checkComponents, checkSettings } from './check-stack.js';
import { problemWith } from './check-value.js';
import { fillIn } from './facts.js';
import { lookupIn } from './lookup.js';
import { collectOffers, type Offers } from './offers.js';
import { withOwnOffers } from './own-offers.js';
import type { Component, DagsSpec, ImageSpec, Topology, VariableSpec } from './schema.js';
import { connectionVariables, mergeVariables } from './variables.js';

/** Of a stack without Airflow. */
const NO_DAGS: DagsSpec = { from: 'folder', address: '', path: '', folder: '' };

/**
 * Resolves requires, replaces and conflicts; `read` gives what `.env` has, from which names of connections may follow. Throws COMPONENT_INVALID naming both sides of what cannot be together.
 */
export function resolveBlueprint(
  catalog: Catalog,
  selection: Selection,
  read: (name: string) => string | undefined = () => undefined,
): Blueprint {
  const topology = catalog.topology(selection.topology, () => selection.at?.(['topology']));
  const line = Number(selection.airflow.split('.')[0]);
  const chosen = new Map<string, Component>();
  const named = [
    ...topology.components.map((name, i) => catalog.component(name, () => topology.at(['components', i]))),
    ...selection.components.map((name, i) =>
      catalog.component(name, () => selection.at?.(['components', i])),
    ),
    ...(selection.launcher && selection.launcher !== 'plain'
      ? [catalog.component(`launcher-${selection.launcher}`, () => selection.at?.(['launcher']))]
      : []),
  ];
  for (const component of named)
    if (component.airflow === undefined || component.airflow === line) chosen.set(component.name, component);
  const lines = new Set(named.flatMap((component) => component.airflow ?? []));
  if (lines.size > 0 && !lines.has(line))
    throw new GatherError(
      'PROJECT_INVALID',
      `topology "${topology.name}" has no components for Airflow ${line}`,
      {
        where: selection.at?.(['airflow']),
        hints: [`it has them for Airflow ${[...lines].join(', ')}`],
      },
    );
  const replacedBy = new Map<string, string>();
  for (const component of chosen.values())
    for (const name of component.replaces) replacedBy.set(name, component.name);
  for (const name of replacedBy.keys()) chosen.delete(name);

  const ordered: Component[] = [];
  const place = (component: Component, path: string[]): void => {
    if (ordered.includes(component)) return;
    if (path.includes(component.name))
      throw new GatherError(
        'COMPONENT_INVALID',
        `components require each other in a ring: ${[...path, component.name].join(' → ')}`,
        {
          where: component.at(['x-gather', 'requires']),
        },
      );
    for (const [i, required] of component.requires.entries()) {
      const part =
        chosen.get(required) ?? provider(chosen.values(), required, replacedBy) ?? catalog.provider(required);
      const name = replacedBy.get(part?.name ?? required) ?? part?.name ?? required;
      const found =
        chosen.get(name) ?? catalog.component(name, () => component.at(['x-gather', 'requires', i]));
      place(found, [...path, component.name]);
    }
    ordered.push(component);
  };
  for (const component of chosen.values()) place(component, []);
  // (the list grows while it is walked: what comes along may bring more)
  for (const component of ordered)
    for (const [other, name] of Object.entries(component.brings)) {
      if (!ordered.some((one) => one.name === other) || replacedBy.has(name)) continue;
      const brought = catalog.component(name, () => component.at(['x-gather', 'brings', other]));
      if (brought.airflow === undefined || brought.airflow === line) place(brought, []);
    }
  checkConflicts(ordered, topology);
  // the components that this version of Airflow leaves out, or that another replaces, may be set all the same
  checkSettings(topology, [...ordered, ...named], () => withRequired(catalog, named));
  const merged = withBind(mergeVariables(ordered, topology.settings), ordered);
  // an empty value is as good as none, as in compose.yaml: a copy of .env.template has nothing else
  const readFilled = (name: string) => read(name) || undefined;
  checkConnectionIds(merged, readFilled);
  const offers = withOwnOffers(
    collectOffers(ordered, () => catalog.all()),
    ordered,
    catalog.project,
  );
  const connections = connectionVariables(offers.connection ?? [], merged, readFilled);
  const variables = [...merged, ...connections];
  checkComponents({ components: ordered, offers }, variables, () => catalog.all());

  return {
    topology: topology.name,
    airflow: selection.airflow,
    components: ordered,
    variables,
    otherLine: ofOtherLine(named, line, variables),
    images: ordered.flatMap(({ images }) => images.map((image) => withVersion(image, selection.airflow))),
    dockerfiles: ordered.flatMap((component) => component.dockerfiles),
    requirements: [...new Set((offers.requirement ?? []).map(({ item }) => String(item.package)))],
    folders: [...new Set(ordered.flatMap((component) => component.folders))],
    dags: Object.assign({ ...NO_DAGS }, ...ordered.map((component) => component.dags)) as DagsSpec,
    connections: connections.map(({ name }) => name),
    offers,
    provides: Object.assign({}, ...ordered.map((component) => component.provides)) as Record<string, string>,
    login: loginOf(offers),
    s3: ordered.find((component) => component.s3)?.s3,
    sql: ordered.findLast((component) => component.sql)?.sql,
  };
}

/** A component may say otherwise of it. */
function withBind(variables: VariableSpec[], components: Component[]): VariableSpec[] {
  const isDeclared = variables.some(({ name }) => name === BIND);
  return isDeclared ? variables : [...bindVariable(components), ...variables];
}

/** Airflow's own: those of other parts are not what its API takes. */
function loginOf(offers: Offers): Blueprint['login'] {
  const first = offers.login?.find(({ item }) => item.at === 'web') ?? offers.login?.[0];
  return first && { username: String(first.item.username), password: String(first.item.password) };
}

/** Of the components of a stack, the one that provides a part. */
function provider(
  components: Iterable<Component>,
  part: string,
  replacedBy: Map<string, string>,
): Component | undefined {
  return [...components].find((one) => part in one.provides && !replacedBy.has(one.name));
}

/** With the names that a registry knows it by filled in. */
function withVersion(image: ImageSpec, airflow: string): ImageSpec {
  const filled = (['registry', 'mirrored'] as const).flatMap((key) => {
    const name = image[key];
    return name === undefined
      ? []
      : [
          [
            key,
            fillIn(
              name,
              () => airflow,
              () => undefined,
            ),
          ] as const,
        ];
  });
  return { ...image, ...Object.fromEntries(filled) };
}

/** An id becomes the name of a variable: it has to be right before any other value can be looked at. */
function checkConnectionIds(variables: VariableSpec[], read: (name: string) => string | undefined): void {
  const lookup = lookupIn(variables, read);
  for (const variable of variables.filter(({ type }) => type === 'connection-id')) {
    const problem = problemWith(variable, lookup(variable.name) ?? '');
    if (problem)
      throw new GatherError('VARIABLE_INVALID', `${variable.name}: ${problem}`, {
        hints: [`gather init --set ${variable.name}=…`],
      });
  }
}

function ofOtherLine(named: Component[], line: number, variables: VariableSpec[]): string[] {
  const known = new Set(variables.map((variable) => variable.name));
  const names = named
    .filter((component) => component.airflow !== undefined && component.airflow !== line)
    .flatMap((component) => component.variables.map((variable) => variable.name));
  return [...new Set(names)].filter((name) => !known.has(name));
}

function withRequired(catalog: Catalog, components: Component[]): Set<Component> {
  const all = new Set(components);
  for (const component of all)
    for (const [i, name] of component.requires.entries())
      all.add(
        catalog.provider(name) ?? catalog.component(name, () => component.at(['x-gather', 'requires', i])),
      );
  return all;
}

function checkConflicts(components: Component[], topology: Topology): void {
  const names = new Set(components.map((component) => component.name));
  for (const component of components)
    for (const other of component.conflicts)
      if (names.has(other))
        throw new GatherError(
          'COMPONENT_INVALID',
          `components "${component.name}" and "${other}" cannot be in one stack`,
          {
            where: component.at(['x-gather', 'conflicts']),
            hints: [
              'remove one of them from components in gather.yaml',
              ...[component.name, other]
                .filter((name) => topology.components.includes(name))
                .map(
                  (name) =>
                    `"${name}" comes with topology "${topology.name}": gather topologies lists others`,
                ),
            ],
          },
        );
}

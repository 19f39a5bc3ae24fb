import { GatherError } from '../output/errors.js';
import type { Blueprint, Selection } from './blueprint.js';
import type { Catalog } from './catalog.js';
import { checkComponents, checkSettings } from './check-stack.js';
import { problemWith } from './check-value.js';
import { lookupIn } from './lookup.js';
import type { Component, DagsSpec, Topology, VariableSpec } from './schema.js';
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
      const name = replacedBy.get(required) ?? required;
      place(chosen.get(name) ?? catalog.component(name, () => component.at(['x-gather', 'requires', i])), [
        ...path,
        component.name,
      ]);
    }
    ordered.push(component);
  };
  for (const component of chosen.values()) place(component, []);
  checkConflicts(ordered, topology);
  // the components that this version of Airflow leaves out, or that another replaces, may be set all the same
  checkSettings(topology, [...ordered, ...withRequired(catalog, named)]);
  const merged = mergeVariables(ordered, topology.settings);
  // an empty value is as good as none, as in compose.yaml: a copy of .env.template has nothing else
  const readFilled = (name: string) => read(name) || undefined;
  checkConnectionIds(merged, readFilled);
  const connections = connectionVariables(ordered, merged, readFilled);
  const variables = [...merged, ...connections];
  checkComponents(ordered, variables);

  return {
    topology: topology.name,
    airflow: selection.airflow,
    components: ordered,
    variables,
    otherLine: ofOtherLine(named, line, variables),
    images: ordered.flatMap((component) => component.images),
    dockerfiles: ordered.flatMap((component) => component.dockerfiles),
    requirements: [...new Set(ordered.flatMap((component) => component.requirements))],
    folders: [...new Set(ordered.flatMap((component) => component.folders))],
    dags: Object.assign({ ...NO_DAGS }, ...ordered.map((component) => component.dags)) as DagsSpec,
    connections: connections.map(({ name }) => name),
    databases: [...new Set(ordered.flatMap((component) => component.databases))],
    login: ordered.find((component) => component.login)?.login,
    s3: ordered.find((component) => component.s3)?.s3,
  };
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
      all.add(catalog.component(name, () => component.at(['x-gather', 'requires', i])));
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

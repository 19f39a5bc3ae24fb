import { GatherError, type Location } from '../output/errors.js';
import type { Catalog } from './catalog.js';
import type { Component, ImageSpec, VariableSpec } from './schema.js';

/** What a project asks the catalog for. */
export interface Selection {
  topology: string;
  /** Components beside those of the topology. */
  components: string[];
  /** Airflow's version, such as 2.11.2. */
  airflow: string;
  /** Where a value of this stands, for errors. */
  at?: (path: (string | number)[]) => Location;
}

/** The components of one stack, in an order in which each stands behind what it requires, with what they add up to. */
export interface Blueprint {
  topology: string;
  airflow: string;
  components: Component[];
  variables: VariableSpec[];
  images: ImageSpec[];
  requirements: string[];
  folders: string[];
  databases: string[];
  login: { username: string; password: string } | undefined;
}

/**
 * Resolves requires, replaces and conflicts. Throws COMPONENT_INVALID naming both sides of what cannot be together.
 */
export function resolveBlueprint(catalog: Catalog, selection: Selection): Blueprint {
  const topology = catalog.topology(selection.topology, selection.at?.(['topology']));
  const line = Number(selection.airflow.split('.')[0]);
  const chosen = new Map<string, Component>();
  const named = [
    ...topology.components.map((name, i) => catalog.component(name, topology.at(['components', i]))),
    ...selection.components.map((name, i) => catalog.component(name, selection.at?.(['components', i]))),
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
      place(chosen.get(name) ?? catalog.component(name, component.at(['x-gather', 'requires', i])), [
        ...path,
        component.name,
      ]);
    }
    ordered.push(component);
  };
  for (const component of chosen.values()) place(component, []);
  checkConflicts(ordered);

  return {
    topology: topology.name,
    airflow: selection.airflow,
    components: ordered,
    variables: mergeVariables(ordered, topology.settings),
    images: ordered.flatMap((component) => component.images),
    requirements: [...new Set(ordered.flatMap((component) => component.requirements))],
    folders: [...new Set(ordered.flatMap((component) => component.folders))],
    databases: [...new Set(ordered.flatMap((component) => component.databases))],
    login: ordered.find((component) => component.login)?.login,
  };
}

function checkConflicts(components: Component[]): void {
  const names = new Set(components.map((component) => component.name));
  for (const component of components)
    for (const other of component.conflicts)
      if (names.has(other))
        throw new GatherError(
          'COMPONENT_INVALID',
          `components "${component.name}" and "${other}" cannot be in one stack`,
          {
            where: component.at(['x-gather', 'conflicts']),
            hints: ['remove one of them from components in gather.yaml'],
          },
        );
}

/** One entry a name; a later component changes what an earlier one declared; the topology's settings change defaults. */
function mergeVariables(components: Component[], settings: Record<string, string>): VariableSpec[] {
  const merged = new Map<string, VariableSpec>();
  for (const image of components.flatMap((component) => component.images))
    merged.set(image.variable, {
      name: image.variable,
      component: '',
      group: 'Set by gather on this machine',
      type: 'text',
      published: true,
      secret: false,
    });
  for (const variable of components.flatMap((component) => component.variables)) {
    const earlier = merged.get(variable.name);
    merged.set(variable.name, earlier ? { ...earlier, ...variable, group: earlier.group } : variable);
  }
  for (const [name, value] of Object.entries(settings)) {
    const variable = merged.get(name);
    if (variable) merged.set(name, { ...variable, default: value });
  }
  return inOrderOfAsking([...merged.values()]);
}

/** Airflow's own settings are asked section by section, whichever component declares them; all else keeps its place. */
function inOrderOfAsking(variables: VariableSpec[]): VariableSpec[] {
  const section = (variable: VariableSpec) => /^AIRFLOW__([A-Z0-9]+)__/.exec(variable.name)?.[1];
  const settings = variables
    .filter((variable) => section(variable))
    .map((variable) => ({ ...variable, group: 'Airflow settings' }))
    .sort((a, b) => (section(a) ?? '').localeCompare(section(b) ?? ''));
  const others = variables.filter((variable) => !section(variable));
  const first = others.findIndex((variable) => variable.name.startsWith('_AIRFLOW'));
  const at = first === -1 ? others.length : first;
  return [...others.slice(0, at), ...settings, ...others.slice(at)];
}

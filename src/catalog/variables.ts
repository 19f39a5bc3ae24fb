import { GatherError } from '../output/errors.js';
import { type Lookup, variablesIn } from '../project/interpolate.js';
import { lookupIn } from './lookup.js';
import { invalid, textOf } from './offers.js';
import type { Component, Offer, VariableEntry, VariableSpec } from './schema.js';

/** What a value comes from: a variable has one of these, and the last one written counts. */
const SOURCES = ['default', 'generate', 'machine', 'url', 'certificate', 'json'] as const;

/**
 * One variable a name: a later component changes of an earlier one's what it writes, the topology's settings replace
 * what the value comes from, and what nobody wrote is filled in last. What any component calls a secret is one.
 */
export function mergeVariables(
  components: Pick<Component, 'images' | 'dockerfiles' | 'variables'>[],
  settings: Record<string, string> = {},
): VariableSpec[] {
  const merged = new Map<string, VariableEntry>();
  for (const { variable } of components.flatMap(({ images, dockerfiles }) => [...images, ...dockerfiles]))
    merged.set(variable, { name: variable, component: '', group: 'Set by gather on this machine' });
  for (const entry of components.flatMap((component) => component.variables)) {
    const earlier = merged.get(entry.name);
    merged.set(entry.name, earlier ? overlay(earlier, entry) : entry);
  }
  for (const [name, value] of Object.entries(settings)) {
    const entry = merged.get(name);
    if (entry) merged.set(name, overlay(entry, { ...idOf(entry), default: value }));
  }
  return inOrderOfAsking([...merged.values()].map(complete));
}

/**
 * The variables that hand connections to Airflow: AIRFLOW_CONN_<ID>, as JSON in Airflow's own form
 * (https://airflow.apache.org/docs/apache-airflow/stable/howto/connection.html). Which id a connection has may follow from
 * other variables. Throws COMPONENT_INVALID for an id that no environment variable can have, VARIABLE_INVALID for one that
 * two connections have: Airflow would get the first only. A component that requires the other changes of its connection what it writes.
 */
export function connectionVariables(
  offers: Offer[],
  variables: VariableSpec[],
  read: Lookup,
): VariableSpec[] {
  const lookup = lookupIn(variables, read);
  const found = new Map<string, VariableSpec & { template: string }>();
  for (const offer of offers) {
    const { id: template, ...json } = offer.item;
    const id = textOf(offer, 'id', lookup) ?? '';
    if (!/^[A-Za-z0-9_]+$/.test(id))
      throw invalid(offer, `a connection cannot have the id "${id}" in .env`, 'id', [
        'letters, digits and _ only: Airflow reads it from AIRFLOW_CONN_<ID>',
      ]);
    const name = `AIRFLOW_CONN_${id.toUpperCase()}`;
    const component = offer.component.name;
    const other = found.get(name);
    if (other && offer.component.requires.includes(other.component)) {
      found.set(name, { ...other, json: { ...(other.json as object), ...json } });
      continue;
    }
    if (other)
      throw new GatherError(
        'VARIABLE_INVALID',
        `"${other.component}" and "${component}" both have a connection with the id "${id}"`,
        {
          where: offer.component.at(['x-gather', 'offers', 'connection', offer.index]),
          hints: variablesIn(other.template + String(template)).map(
            (variable) => `gather init --yes --set ${variable}=…`,
          ),
        },
      );
    const group = offer.component.group;
    found.set(name, {
      name,
      component,
      group,
      json,
      template: String(template),
      type: 'json',
      published: true,
      secret: true,
    });
  }
  return [...found.values()].map(({ template: _, ...variable }) => variable);
}

function overlay(earlier: VariableEntry, later: VariableEntry): VariableEntry {
  const base = { ...earlier };
  if (SOURCES.some((source) => later[source] !== undefined))
    for (const source of SOURCES) delete base[source];
  const secret = holdsSecret(earlier) || holdsSecret(later);
  return { ...base, ...later, group: earlier.group, ...(secret ? { secret } : {}) };
}

function idOf({ name, component, group }: VariableEntry): VariableEntry {
  return { name, component, group };
}

/** What is generated is a secret, unless it says otherwise. */
function holdsSecret(entry: VariableEntry): boolean {
  return entry.secret ?? entry.generate !== undefined;
}

function complete(entry: VariableEntry): VariableSpec {
  return { type: 'text', published: true, ...entry, secret: holdsSecret(entry) };
}

/** Airflow's own settings are asked section by section, whichever component declares them; all else keeps its place. */
function inOrderOfAsking(variables: VariableSpec[]): VariableSpec[] {
  const section = (variable: VariableSpec) => /^AIRFLOW__([A-Z0-9_]+?)__/.exec(variable.name)?.[1] ?? '';
  const settings = variables
    .filter((variable) => section(variable))
    .map((variable) => ({ ...variable, group: 'Airflow settings' }))
    // (not localeCompare: loading the collation tables costs 15 ms)
    .sort((a, b) => (section(a) < section(b) ? -1 : section(a) > section(b) ? 1 : 0));
  const others = variables.filter((variable) => !section(variable));
  const first = others.findIndex((variable) => variable.name.startsWith('_AIRFLOW'));
  const at = first === -1 ? others.length : first;
  return [...others.slice(0, at), ...settings, ...others.slice(at)];
}

import { parse } from 'yaml';
import type { Blueprint } from '../catalog/blueprint.js';
import { isMap } from './merge.js';

const NAME_WITHOUT_VALUE = /^\s+[A-Z_][A-Z0-9_]*:\s*$/m;

/**
 * Of the variables that `.env` has, those that no component declares and some component hands on (`passes`), by name, with the
 * connections that components declare. What
 * the components for another version of Airflow declare stays out: this version would complain of it.
 */
export function passedNames(blueprint: Blueprint, names: string[]): string[] {
  const declared = new Set([...blueprint.variables.map((variable) => variable.name), ...blueprint.otherLine]);
  const patterns = blueprint.components.flatMap((component) => Object.values(component.passes).flat());
  const further = names.filter((name) => !declared.has(name));
  return [...further, ...blueprint.connections]
    .filter((name) => patterns.some((pattern) => matchesPattern(name, pattern)))
    .sort();
}

/** `AIRFLOW__*` stands for every name that begins so. */
export function matchesPattern(name: string, pattern: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}

/** The names in the environment of some services, or templates, of a compose.yaml whose value Compose takes from `.env`. */
export function namesWithoutValue(composeFile: string, services: string[]): string[] {
  // most files hand nothing on, and parsing one costs 20 ms
  if (!NAME_WITHOUT_VALUE.test(composeFile)) return [];
  const file = read(composeFile);
  const names = services.flatMap((service) => {
    const body = file[`x-${service}`] ?? (isMap(file.services) ? file.services[service] : undefined);
    const environment = isMap(body) && isMap(body.environment) ? body.environment : {};
    return Object.keys(environment).filter((name) => environment[name] === null);
  });
  return [...new Set(names)];
}

/** A file that somebody broke hands nothing on: it is written anew, or refused, for another reason. */
function read(text: string): Record<string, unknown> {
  try {
    const file: unknown = parse(text, { merge: true, logLevel: 'silent' });
    return isMap(file) ? file : {};
  } catch {
    return {};
  }
}

import type { Blueprint } from '../catalog/blueprint.js';
import type { VariableSpec } from '../catalog/schema.js';

/** Where an engine's socket is that nobody has said otherwise of: what `docker compose` without gather takes. */
export const USUAL_SOCKET = '/var/run/docker.sock';

/**
 * What stands behind `${NAME` in compose.yaml, by name: `:-default` where there is one that is no secret,
 * `:?` with a sentence where Compose must not go on without a value.
 */
export function defaultsOf(blueprint: Blueprint): Map<string, string> {
  const suffixes = new Map<string, string>();
  for (const variable of blueprint.variables) suffixes.set(variable.name, suffixOf(variable));
  for (const image of blueprint.images)
    suffixes.set(image.variable, image.registry ? `:-${image.registry}` : ':?gather up builds it');
  for (const { variable, from } of blueprint.dockerfiles)
    suffixes.set(variable, `:-\${${from}${suffixes.get(from) ?? ''}}`);
  return suffixes;
}

function suffixOf(variable: VariableSpec): string {
  if (variable.machine === 'uid') return ':-50000';
  if (variable.machine === 'docker-socket') return `:-${USUAL_SOCKET}`;
  if (variable.default === '') return ':-';
  if (variable.default !== undefined && !variable.secret) return `:-${variable.default}`;
  return ':?gather init writes it to .env';
}

/** The same structure with each plain `${NAME}` of a known variable given its suffix. */
export function withDefaults<T>(value: T, suffixes: Map<string, string>): T {
  if (typeof value === 'string')
    return value.replace(/(?<!\$)\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (reference, name: string) => {
      const suffix = suffixes.get(name);
      return suffix === undefined ? reference : `\${${name}${suffix}}`;
    }) as T;
  if (Array.isArray(value)) return value.map((item) => withDefaults(item, suffixes)) as T;
  if (typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype)
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, withDefaults(item, suffixes)]),
    ) as T;
  return value;
}

type Body = Record<string, unknown>;

/** Keys whose lists a later file replaces as a whole, as Compose does. */
const REPLACED = new Set(['command', 'entrypoint', 'test']);

/**
 * Lays one service body over another as Compose merges files: maps key by key, lists one behind the other,
 * anything else replaced. A list of names (networks, depends_on) meeting a map becomes a map first.
 */
export function mergeBodies(base: Body, over: Body): Body {
  const merged: Body = { ...base };
  for (const [key, value] of Object.entries(over))
    merged[key] = key in base ? mergeValues(key, base[key], value) : value;
  return merged;
}

function mergeValues(key: string, base: unknown, over: unknown): unknown {
  if (REPLACED.has(key)) return over;
  if (Array.isArray(base) && Array.isArray(over)) return mergeLists(base, over);
  if (isMap(base) && isMap(over)) return mergeBodies(base, over);
  if (Array.isArray(base) && isMap(over)) return mergeBodies(namesToMap(base), over);
  if (isMap(base) && Array.isArray(over)) return mergeBodies(base, namesToMap(over));
  return over;
}

/** Without doubles; a mount replaces an earlier one on the same target. */
function mergeLists(base: unknown[], over: unknown[]): unknown[] {
  const targets = new Set(over.map(mountTarget).filter(Boolean));
  const kept = base.filter((item) => !over.some((other) => JSON.stringify(other) === JSON.stringify(item)));
  return [...kept.filter((item) => !targets.has(mountTarget(item))), ...over];
}

function mountTarget(item: unknown): string | undefined {
  if (isMap(item)) return typeof item.target === 'string' ? item.target : undefined;
  const target = typeof item === 'string' ? /:(\/[^:]+)(?::[a-z,]+)?$/.exec(item)?.[1] : undefined;
  return target;
}

function namesToMap(names: unknown[]): Body {
  return Object.fromEntries(names.map((name) => [String(name), {}]));
}

export function isMap(value: unknown): value is Body {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

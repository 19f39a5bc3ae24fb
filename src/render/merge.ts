type Body = Record<string, unknown>;

/** How two values of one key become one. */
type Rule = (base: unknown, over: unknown, path: string[]) => unknown;

/** Two values that Compose cannot lay over each other: a list over a text, say. */
export class CannotMerge extends Error {
  /** @param path to the later value, inside of the service */
  constructor(readonly path: string[]) {
    super(`${path.join('.')} has another shape than what it is laid over`);
  }
}

/** Lays one service body over another as Compose merges files. Throws CannotMerge where Compose refuses to. */
export function mergeBodies(base: Body, over: Body, path: string[] = []): Body {
  const merged: Body = { ...base };
  for (const [key, value] of Object.entries(over))
    merged[key] = key in base ? mergeValues(base[key], value, [...path, key]) : value;
  return merged;
}

function mergeValues(base: unknown, over: unknown, path: string[]): unknown {
  return (RULES[path.join('.')] ?? byShape)(base, over, path);
}

/** Maps key by key, lists one behind the other, anything else replaced. */
const byShape: Rule = (base, over, path) => {
  if (isMap(base) && isMap(over)) return mergeBodies(base, over, path);
  if (Array.isArray(base) && Array.isArray(over)) return union(textKey)(base, over, path);
  if (base === null || base === undefined || over === null || over === undefined) return over ?? base;
  // nofile: 5 over nofile: { soft: 1, hard: 2 }
  if (path[0] === 'ulimits' || (isScalar(base) && isScalar(over))) return over;
  throw new CannotMerge(path);
};

const replaced: Rule = (_, over) => over;

/** A list, or one text that stands for a list of one. */
const oneOrMany: Rule = (base, over, path) => union(textKey)(asList(base), asList(over), path);

/** Lists without doubles: what has the key of an earlier one takes its place. */
function union(keyOf: (item: unknown) => string): Rule {
  return (base, over, path) => {
    if (!Array.isArray(base) || !Array.isArray(over)) throw new CannotMerge(path);
    const merged = new Map<string, unknown>();
    for (const item of [...base, ...over]) merged.set(keyOf(item), item);
    return [...merged.values()];
  };
}

/** Maps, or lists of `key=value`. */
const pairs: Rule = (base, over, path) =>
  Array.isArray(base) && Array.isArray(over)
    ? union(textKey)(base, over, path)
    : { ...asPairs(base, path), ...asPairs(over, path) };

/** Lists of `host:address` (or `=`), or maps: a host may have several addresses, so that none replaces another. */
const hosts: Rule = (base, over, path) => union(JSON.stringify)(asHosts(base), asHosts(over), path);

/** Maps, or lists of names. */
const networks: Rule = (base, over, path) =>
  Array.isArray(base) && Array.isArray(over)
    ? union(textKey)(base, over, path)
    : mergeBodies(asNames(base, {}, path), asNames(over, {}, path), path);

const waits: Rule = (base, over, path) =>
  mergeBodies(asNames(base, STARTED, path), asNames(over, STARTED, path), path);

/** What `depends_on` means of a service that is only named (Compose specification, "Short syntax"). */
const STARTED = { condition: 'service_started' };

/** `depends_on` as a map: service → what of it is waited for. */
export function dependsOn(value: unknown): Record<string, Body> {
  return asNames(value, STARTED, ['depends_on']) as Record<string, Body>;
}

/** `build: ./folder` is its context. */
const build: Rule = (base, over, path) => {
  const full = (value: unknown) => (typeof value === 'string' ? { context: value } : value);
  return byShape(full(base), full(over), path);
};

/** Options of another driver are not for this one. */
const logging: Rule = (base, over, path) => {
  const isOther = isMap(base) && isMap(over) && base.driver && over.driver && base.driver !== over.driver;
  return isOther ? over : byShape(base, over, path);
};

/**
 * The keys that Compose does not merge by their shape alone, by path inside of a service (compose-go: override/merge.go for the
 * rules, override/uncity.go for what makes two items of a list the same).
 */
const RULES: Record<string, Rule> = {
  command: replaced,
  entrypoint: replaced,
  'healthcheck.test': replaced,
  environment: pairs,
  labels: pairs,
  annotations: pairs,
  sysctls: pairs,
  'deploy.labels': pairs,
  'build.args': pairs,
  'build.labels': pairs,
  'build.additional_contexts': pairs,
  extra_hosts: hosts,
  'build.extra_hosts': hosts,
  depends_on: waits,
  networks,
  volumes: union(mountTarget),
  devices: union(mountTarget),
  configs: union((item) => sourceTarget('', item)),
  secrets: union((item) => sourceTarget('/run/secrets', item)),
  ports: union(JSON.stringify),
  dns: oneOrMany,
  dns_search: oneOrMany,
  env_file: oneOrMany,
  tmpfs: oneOrMany,
  build,
  logging,
};

/** `key=value` is another word on the same key; anything else is itself. */
function textKey(item: unknown): string {
  return typeof item === 'string' ? (item.split('=')[0] ?? '') : JSON.stringify(item);
}

/** Where in the container a mount or a device is: `source:target:options`, `target`, or the long form. */
function mountTarget(item: unknown): string {
  if (isMap(item)) return String(item.target);
  const [source = '', target = source] = colonParts(String(item));
  return target;
}

/** At the colons that are not inside of a variable: `${FOLDER:-.}/a:/b:Z`. */
function colonParts(text: string): string[] {
  return text.match(/(?:\$\{(?:[^{}]|\{[^{}]*\})*\}|[^:])+/g) ?? [];
}

function sourceTarget(folder: string, item: unknown): string {
  if (!isMap(item)) return `${folder}/${item}`;
  return item.target === undefined ? `${folder}/${item.source}` : String(item.target);
}

function asList(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  return value === null || value === undefined ? [] : [value];
}

function asPairs(value: unknown, path: string[]): Body {
  if (value === null || value === undefined) return {};
  if (isMap(value)) return value;
  if (!Array.isArray(value)) throw new CannotMerge(path);
  return Object.fromEntries(
    value.map((item) => {
      const [, name = '', text] = /^([^=]*)(?:=([\s\S]*))?$/.exec(String(item)) ?? [];
      return [name, text ?? null];
    }),
  );
}

function asHosts(value: unknown): unknown[] {
  if (!isMap(value)) return asList(value);
  return Object.entries(value).flatMap(([host, addresses]) =>
    asList(addresses).map((address) => `${host}=${address}`),
  );
}

function asNames(value: unknown, alone: Body, path: string[]): Body {
  if (value === null || value === undefined) return {};
  if (isMap(value)) return value;
  if (!Array.isArray(value)) throw new CannotMerge(path);
  return Object.fromEntries(value.map((name) => [String(name), alone]));
}

function isScalar(value: unknown): boolean {
  return !isMap(value) && !Array.isArray(value);
}

export function isMap(value: unknown): value is Body {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

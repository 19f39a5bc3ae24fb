import * as v from 'valibot';

/**
 * The words in which gather's own formats are declared: x-gather, gather.yaml, topologies, the events of `--output json`. One
 * declaration gives the type (`v.InferOutput`), the reader with file and line (`YamlFile.read`), the JSON Schema and the page in docs/.
 * `says` is the sentence of the schema and the page; the message of an issue is a `Problem`, as JSON.
 */

export type Field = v.BaseSchema<unknown, unknown, v.BaseIssue<unknown>>;

/** What JSON can say. */
export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };

/** What is wrong with a value: its shape, a key that is not known or missing, a word that is none of those allowed, or a sentence. */
export type Problem =
  | { shape: string }
  | { unknown: string; allowed: string[] }
  | { missing: string }
  | { allowed: readonly string[] }
  | { says: string; hints?: string[] };

const problem = (what: Problem): string => JSON.stringify(what);

/** A text, a number or a flag, each of which is read as a text. */
export const scalar = (says: string) =>
  v.pipe(
    v.union([v.string(), v.number(), v.boolean()], problem({ shape: 'text' })),
    // (the JSON Schema ends where a value is transformed)
    v.description(says),
    v.transform(String),
  );

/** A text. One that YAML takes for a number or a flag is read all the same, but an editor says that it wants quotes. */
export const text = (says: string) =>
  v.pipe(
    v.union([v.string(), v.number(), v.boolean()], problem({ shape: 'text' })),
    v.metadata({ type: 'string' }),
    v.description(says),
    v.transform(String),
  );

/** A text of a certain form, which `must` says in words. The value is not repeated: it may hold a login. */
export const matching = (pattern: RegExp, must: string, says: string, hints: string[] = []) => {
  const wrong = problem({ says: must, hints });
  return v.pipe(v.string(wrong), v.regex(pattern, wrong), v.description(says));
};

/** Of what gather itself writes: a text, and nothing that YAML would take for one. */
export const line = (says: string) => v.pipe(v.string(), v.description(says));

/** Of what gather itself writes: texts. */
export const lines = (says: string) => v.pipe(v.array(v.string()), v.description(says));

export const integer = (says: string, least = 0) =>
  v.pipe(
    v.number(problem({ shape: 'number' })),
    v.integer(problem({ says: 'must be a whole number' })),
    v.minValue(least, problem({ says: `must be at least ${least}` })),
    v.description(says),
  );

export const number = (says: string) =>
  v.pipe(v.number(problem({ shape: 'number' })), v.minValue(0), v.description(says));

export const flag = (says: string) =>
  v.pipe(v.boolean(problem({ shape: 'true or false' })), v.description(says));

export const oneOf = <const T extends readonly [string, ...string[]]>(allowed: T, says = '') =>
  v.pipe(v.picklist(allowed, problem({ allowed })), v.description(says));

/** Of an object: a key that may be missing. */
export const optional = <T extends Field>(field: T) => v.exactOptional(field);

/** Of an object: a key that may be missing, or have nothing behind it; then it has this value, if any. */
export const withDefault = <T extends Field, const D extends v.InferInput<T> | undefined>(
  field: T,
  value: D,
) => v.nullish(field, value);

/** Texts; none when the key is absent or has nothing behind it. */
export const texts = (says: string) => listOf(text(''), says, 'list of text');

/** One text, or a list of them; read as a list. */
export const oneOrMore = (says: string) =>
  v.pipe(
    v.union([text(''), v.array(text(''))], problem({ shape: 'text or list of text' })),
    v.description(says),
    v.transform((value) => (Array.isArray(value) ? value : [value])),
  );

/** A list of what `item` says; empty when absent. */
export const listOf = <T extends Field>(item: T, says: string, shape = 'list') =>
  v.pipe(v.nullish(v.array(item, problem({ shape })), []), v.description(says));

/** Texts of which there has to be one. */
export const someTexts = (says: string) =>
  v.pipe(
    v.array(text(''), problem({ shape: 'list of text' })),
    v.minLength(1, problem({ says: 'must name at least one' })),
    v.description(says),
  );

/** A map with keys of the user's own; empty when absent. */
export const mapOf = <T extends Field>(value: T, says: string) =>
  v.pipe(v.nullish(noList(v.record(v.string(), value, problem({ shape: 'map' }))), {}), v.description(says));

/** A map with these keys and no others. */
export const object = <const T extends v.ObjectEntries>(entries: T, says = '') =>
  v.pipe(
    noList(
      v.strictObject(entries, (issue) => {
        const { expected, input } = issue;
        if (expected === 'never') return problem({ unknown: String(input), allowed: Object.keys(entries) });
        const missing = /^"(.*)"$/.exec(expected ?? '')?.[1];
        return problem(missing === undefined ? { shape: 'map' } : { missing });
      }),
    ),
    v.description(says),
  );

/** An object whose keys depend on each other: `says` is the sentence for one that `holds` does not hold for. */
export const where = <T extends Field>(field: T, holds: (value: v.InferOutput<T>) => boolean, says: string) =>
  v.pipe(field, v.check(holds, problem({ says })));

/** Any structure. */
export const structure = (says: string) =>
  v.pipe(
    v.custom<JsonValue>((value) => value !== undefined),
    v.description(says),
  );

/** Any map, such as a service as Compose writes it. */
export const anyMap = (says: string) =>
  v.pipe(noList(v.record(v.string(), v.unknown(), problem({ shape: 'map' }))), v.description(says));

const LIST = v.custom((value) => !Array.isArray(value), problem({ shape: 'map' }));

/** To valibot a list is a map with the keys 0, 1 …; to a person it is not. */
function noList<T extends Field>(map: T): T {
  return {
    ...map,
    '~run': (dataset, config) => (Array.isArray(dataset.value) ? LIST : map)['~run'](dataset, config),
  };
}

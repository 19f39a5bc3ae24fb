import { clashOf, portClashOf, problemWith } from '../catalog/check-value.js';
import { derive, ingredientsOf, isDerived, sameMeaning } from '../catalog/derive.js';
import { generate } from '../catalog/generate.js';
import { lookupIn } from '../catalog/lookup.js';
import type { VariableSpec } from '../catalog/schema.js';
import { GatherError } from '../output/errors.js';
import type { EnvFile } from '../project/dotenv.js';

/** Where the value of a variable comes from. */
export type Origin = 'kept' | 'answered' | 'default' | 'generated' | 'rotated' | 'derived';

export interface FilledValue {
  variable: VariableSpec;
  value: string;
  origin: Origin;
}

export interface FillOptions {
  /** What is in `.env` now: kept, unless one of the others says otherwise. */
  env: EnvFile;
  /** Variables whose value in `.env` is gather's own and comes anew, as if it were not there. */
  renewed?: ReadonlySet<string> | undefined;
  /** Values given on the command line. */
  given: Map<string, string>;
  /** Secrets to make anew. */
  rotate: Set<string>;
  /** Derived variables to compute anew although their value in `.env` was changed by hand. */
  rederive: Set<string>;
  /** What this machine knows, by `VariableSpec.machine`. */
  machine: Partial<Record<string, string>>;
  /** The port to take where the default one cannot be had. */
  freePort(variable: VariableSpec): Promise<number>;
  /** Asks a person; gives back their answer. Absent when nobody is there. */
  ask?:
    | ((
        variable: VariableSpec,
        initial: string,
        origin: Origin,
        problem: (answer: string) => string | undefined,
      ) => Promise<string>)
    | undefined;
}

/**
 * Gives every variable of a stack its value, in the order of asking. What `.env` holds is kept; derived values follow
 * the answers. Throws VARIABLE_INVALID for a value that its variable does not allow.
 */
export async function fillValues(
  variables: VariableSpec[],
  options: FillOptions,
): Promise<Map<string, FilledValue>> {
  const filled = new Map<string, FilledValue>();
  const before = lookupIn(variables, (name) => options.env.get(name));
  const now = lookupIn(
    variables,
    (name) => filled.get(name)?.value ?? options.given.get(name) ?? keptOf(name, options),
  );

  const fill = async (variable: VariableSpec): Promise<void> => {
    if (isTakenOut(variable, variables, options)) return;
    const settled = await settle(variable, options, before, now);
    if (!settled) return;
    if (options.ask && variable.ask && !options.given.has(variable.name) && settled.origin !== 'rotated') {
      const problem = (answer: string) => problemOf({ ...settled, value: answer, origin: 'answered' });
      const answer = await options.ask(variable, settled.value, settled.origin, problem);
      if (answer !== settled.value) Object.assign(settled, { value: answer, origin: 'answered' });
    }
    assertAllowed(settled);
    assertKeepsFernetKey(settled, options.env);
    filled.set(variable.name, settled);
  };

  // a derived value that is asked needs only what stands before it; all others follow once every answer is known
  for (const variable of variables) if (!isDerived(variable) || variable.ask) await fill(variable);
  for (const variable of variables) if (!filled.has(variable.name)) await fill(variable);
  return new Map(
    variables.flatMap((variable) => {
      const value = filled.get(variable.name);
      return value ? [[variable.name, value] as const] : [];
    }),
  );

  /** What stands in `.env` may be right by an override, and is judged before a boot. */
  function problemOf({ variable, value, origin }: FilledValue): string | undefined {
    const problem = problemWith(variable, value);
    return problem === undefined && origin === 'answered'
      ? (clashOf(variable, value, variables, now) ?? portClashOf(variable, value, variables, now))
      : problem;
  }

  function assertAllowed(settled: FilledValue): void {
    const problem = problemOf(settled);
    if (!problem) return;
    const line = settled.origin === 'kept' ? options.env.line(settled.variable.name) : undefined;
    throw new GatherError('VARIABLE_INVALID', `${settled.variable.name}: ${problem}`, {
      ...(line === undefined ? {} : { where: { file: '.env', line } }),
      hints: [`gather init --set ${settled.variable.name}=…`],
    });
  }
}

/** What the database holds is encrypted with the present key: another one has to come by rotation, or beside it. */
function assertKeepsFernetKey({ variable, value, origin }: FilledValue, env: EnvFile): void {
  const present = env.get(variable.name);
  if (variable.type !== 'fernet-key' || origin !== 'answered' || !present) return;
  if (present.split(',').every((key) => value.split(',').includes(key))) return;
  throw new GatherError(
    'VARIABLE_INVALID',
    `${variable.name}: stored connections are encrypted with the present key`,
    {
      hints: [
        `gather init --yes --rotate ${variable.name}`,
        'or a list: the new key, a comma, the present one',
      ],
    },
  );
}

/**
 * It only goes into values that `.env` has, and is not there itself: somebody took it out on purpose, as going to production
 * wants the credentials to be. A new one would contradict those values.
 */
function isTakenOut(
  { name, type, ask }: VariableSpec,
  variables: VariableSpec[],
  options: FillOptions,
): boolean {
  if (!ask || type === 'port' || options.env.get(name) !== undefined) return false;
  if (options.given.has(name) || options.rotate.has(name)) return false;
  const uses = variables.filter((one) => ingredientsOf(one).includes(name));
  return (
    uses.length > 0 &&
    uses.every((one) => options.env.get(one.name) !== undefined && !options.rederive.has(one.name))
  );
}

function keptOf(name: string, { env, renewed }: FillOptions): string | undefined {
  return renewed?.has(name) ? undefined : env.get(name);
}

async function settle(
  variable: VariableSpec,
  options: FillOptions,
  before: (name: string) => string | undefined,
  now: (name: string) => string | undefined,
): Promise<{ variable: VariableSpec; value: string; origin: Origin } | undefined> {
  const { name } = variable;
  const given = options.given.get(name);
  if (given !== undefined) return { variable, value: given, origin: 'answered' };
  if (options.rotate.has(name)) {
    if (!variable.generate)
      throw new GatherError('USAGE', `${name} is not a secret that gather generates`, {
        hints: [`gather init --set ${name}=…`],
      });
    return { variable, value: generate(variable.generate), origin: 'rotated' };
  }
  const kept = keptOf(name, options);
  if (kept !== undefined && !(kept === '' && isToBeFilled(variable)))
    return keepOrDerive(variable, kept, options, before, now);
  if (isDerived(variable)) return { variable, value: derive(variable, now), origin: 'derived' };
  if (variable.generate) return { variable, value: generate(variable.generate), origin: 'generated' };
  if (variable.machine) {
    const value = options.machine[variable.machine];
    return value === undefined ? undefined : { variable, value, origin: 'default' };
  }
  if (variable.default === undefined) return undefined;
  if (variable.type === 'port' && variable.published)
    return { variable, value: String(await options.freePort(variable)), origin: 'default' };
  return { variable, value: variable.default, origin: 'default' };
}

/**
 * In a copy of .env.template nothing has a value yet: what cannot be empty, or is computed, is as good as absent. So is what
 * has a default: compose.yaml takes that for an empty value all the same (`${NAME:-default}`).
 */
function isToBeFilled(variable: VariableSpec): boolean {
  const otherwise =
    variable.generate ?? variable.machine ?? variable.url ?? variable.json ?? variable.default;
  return Boolean(otherwise) || problemWith(variable, '') !== undefined;
}

/** A derived value that still is what followed from the old answers follows the new ones; one changed by hand stays. */
function keepOrDerive(
  variable: VariableSpec,
  kept: string,
  options: FillOptions,
  before: (name: string) => string | undefined,
  now: (name: string) => string | undefined,
): { variable: VariableSpec; value: string; origin: Origin } {
  if (!isDerived(variable)) return { variable, value: kept, origin: 'kept' };
  const fresh = derive(variable, now);
  if (options.rederive.has(variable.name)) return { variable, value: fresh, origin: 'derived' };
  const follows = sameMeaning(variable, kept, derive(variable, before));
  if (!follows || sameMeaning(variable, kept, fresh)) return { variable, value: kept, origin: 'kept' };
  return { variable, value: fresh, origin: 'derived' };
}

/** Derived variables whose value in `.env` does not follow from the others: somebody changed one side by hand. */
export function strayValues(variables: VariableSpec[], env: EnvFile): VariableSpec[] {
  const lookup = lookupIn(variables, (name) => env.get(name));
  const asked = new Set(variables.filter((variable) => variable.ask).map((variable) => variable.name));
  // of one whose ingredients were taken out nothing can be said
  const isWhole = (variable: VariableSpec) =>
    ingredientsOf(variable).every((name) => !asked.has(name) || env.get(name) !== undefined);
  return variables.filter((variable) => {
    const value = env.get(variable.name);
    const isStructure = variable.url !== undefined || variable.json !== undefined;
    if (value === undefined || !isStructure || !isWhole(variable)) return false;
    return !sameMeaning(variable, value, derive(variable, lookup));
  });
}

import { derive, isDerived, sameMeaning } from '../catalog/derive.js';
import { lookupIn } from '../catalog/lookup.js';
import type { VariableSpec } from '../catalog/schema.js';
import type { Applied } from '../project/applied.js';
import type { EnvFile } from '../project/dotenv.js';

/** What a change of topology, components or Airflow's version changes of the values that are gather's own. */
export interface Following {
  /** Variables of the stack as it will be, whose value is to come anew: CeleryExecutor becomes LocalExecutor. */
  renewed: Set<string>;
  /** Variables that the stack will not have any more: they would still reach Airflow. */
  gone: Pick<VariableSpec, 'name' | 'ask'>[];
}

/**
 * A value is gather's own when it is what one of the stacks before made it, by default or from other values; anything else is a
 * person's, and stays. So does every secret, for data may be locked with it, and every port, which was free when it was chosen.
 * @param before the variables of each stack whose defaults `.env` may hold
 */
export function following(
  before: VariableSpec[][],
  after: VariableSpec[],
  env: EnvFile,
  written: Applied['defaults'] = {},
): Following {
  const now = new Map(after.map((variable) => [variable.name, variable]));
  const recorded = new Map(Object.values(written).flatMap((values) => Object.entries(values)));
  const renewed = new Set<string>();
  const gone = new Map<string, Following['gone'][number]>();
  for (const stack of before) {
    const lookup = lookupIn(stack, (name) => env.get(name));
    for (const variable of stack) {
      const value = env.get(variable.name);
      if (value === undefined || variable.type === 'port') continue;
      const isOwn = isMade(variable, value, lookup) || recorded.get(variable.name) === value;
      if (!isOwn) continue;
      const next = now.get(variable.name);
      if (!next) gone.set(variable.name, variable);
      else if (next.type !== 'port' && sourceOf(next) !== sourceOf(variable)) renewed.add(variable.name);
    }
  }
  // a component whose file is gone can no longer say what it declared
  const known = new Set(before.flat().map(({ name }) => name));
  for (const [name, value] of recorded)
    if (!known.has(name) && !now.has(name) && env.get(name) === value) gone.set(name, { name });
  return { renewed, gone: [...gone.values()] };
}

/** True for a value that comes out of its declaration once more; a secret does only when it follows from others. */
function isMade(
  variable: VariableSpec,
  value: string,
  lookup: (name: string) => string | undefined,
): boolean {
  if (isDerived(variable)) return sameMeaning(variable, value, derive(variable, lookup));
  return !variable.secret && variable.default === value;
}

function sourceOf({ default: plain, url, json }: VariableSpec): string {
  return JSON.stringify([plain, url, json]);
}

/** The defaults that `.env` holds as gather wrote them, by component: what may be told without telling a secret. */
export function writtenDefaults(variables: VariableSpec[], env: EnvFile): Applied['defaults'] {
  const written: Applied['defaults'] = {};
  for (const variable of variables) {
    const { name, component, default: plain, secret, type } = variable;
    const isPlain = plain !== undefined && !isDerived(variable) && !secret && type !== 'port';
    if (!isPlain || env.get(name) !== plain) continue;
    written[component] = { ...written[component], [name]: plain };
  }
  return written;
}

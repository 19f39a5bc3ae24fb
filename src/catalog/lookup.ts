import { derive, isDerived } from './derive.js';
import type { VariableSpec } from './schema.js';

/** What `read` knows, else the variable's default. */
export function lookupIn(
  variables: VariableSpec[],
  read: (name: string) => string | undefined,
): (name: string) => string | undefined {
  const byName = new Map(variables.map((variable) => [variable.name, variable]));
  const lookup = (name: string): string | undefined => {
    const value = read(name);
    if (value !== undefined) return value;
    const variable = byName.get(name);
    if (!variable || variable.generate || variable.machine) return undefined;
    return isDerived(variable) ? derive(variable, lookup) : variable.default;
  };
  return lookup;
}

/** The values of `.env`, and the defaults of what it does not have. */
export function lookupOf(
  { variables }: { variables: VariableSpec[] },
  env: { get(name: string): string | undefined },
) {
  return lookupIn(variables, (name) => env.get(name));
}

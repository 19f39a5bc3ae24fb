import type { VariableSpec } from '../catalog/schema.js';
import type { EnvFile } from '../project/dotenv.js';

/**
 * What a change of topology, components or Airflow's version changes in `.env`: a value that is the default of the stack as
 * it was gets the default of the stack as it will be (CeleryExecutor becomes LocalExecutor). Anything else is a person's.
 */
export function followedDefaults(
  before: VariableSpec[],
  after: VariableSpec[],
  env: EnvFile,
): Map<string, string> {
  const old = new Map(before.map((variable) => [variable.name, variable.default]));
  return new Map(
    after.flatMap(({ name, default: now, type }) => {
      const was = old.get(name);
      // a port was free on this machine when it was chosen
      if (type === 'port' || was === undefined || now === undefined || was === now) return [];
      return env.get(name) === was && !now.includes('${') ? [[name, now] as const] : [];
    }),
  );
}

import { inAirflow3 } from '../airflow/settings/renamed-settings.js';
import type { Blueprint } from '../catalog/blueprint.js';
import type { EnvFile } from '../project/dotenv.js';

/** What the settings of Airflow 2 that `.env` has come to when the stack is one of Airflow 3. */
export interface MovedSettings {
  /** Variables of this stack that take the value which the setting had under its old name. */
  values: Map<string, string>;
  notes: string[];
}

/**
 * A project that comes from Airflow 2: what was only renamed keeps its value under the new name (a `.env` that hid the
 * configuration goes on hiding it) unless `given` has another one, and what nobody reads any more is reported. Nothing that a
 * person chose is taken out of `.env`: the way back stays open.
 * @param gone what gather wrote for Airflow 2 and takes out again
 */
export function moveSettings(
  blueprint: Blueprint,
  env: EnvFile,
  given: ReadonlyMap<string, string>,
  gone: ReadonlySet<string> = new Set(),
): MovedSettings {
  const values = new Map<string, string>();
  if (Number(blueprint.airflow.split('.')[0]) < 3) return { values, notes: [] };
  const declared = new Set(blueprint.variables.map((variable) => variable.name));
  const moved: string[] = [];
  const leftOver: string[] = [];
  const own: string[] = [];
  for (const name of env.names()) {
    if (declared.has(name) || gone.has(name)) continue;
    const to = newNameOf(name, declared);
    const value = env.get(name);
    if (to && value && env.get(to) === undefined && !given.has(to)) {
      values.set(to, value);
      moved.push(`${name} is ${to} in Airflow 3, which takes its value over`);
    } else if (blueprint.otherLine.includes(name)) leftOver.push(name);
    else own.push(...complaint(name, env));
  }
  const unused = `Airflow 3 gets none of these, which are for Airflow 2: ${leftOver.join(', ')}`;
  const database =
    '`gather up` migrates the database, which Airflow 2 cannot read from then on: back it up first if you may want to go back';
  const notes = [...moved, ...(leftOver.length ? [unused] : []), ...own, database];
  return { values, notes: moved.length ? notes : own };
}

/** The variable of this stack that Airflow 3 reads in its place, when the value can stay as it is. */
function newNameOf(name: string, declared: Set<string>): string | undefined {
  const fate = inAirflow3(name);
  return fate.kind === 'renamed' && fate.sameUnit && declared.has(fate.to) ? fate.to : undefined;
}

/** A setting that somebody added to `.env`: it reaches Airflow under the name that it has there. */
function complaint(name: string, env: EnvFile): string[] {
  const fate = inAirflow3(name);
  if (fate.kind === 'same') return [];
  if (fate.kind === 'gone') return [`${name}: Airflow 3 has no such setting and ignores it`];
  if (env.get(fate.to) !== undefined)
    return [`${name} is ${fate.to} in Airflow 3, which .env has, too: take it out`];
  return [`${name} is ${fate.to} in Airflow 3${fate.sameUnit ? '' : ', in another unit'}: rename it in .env`];
}

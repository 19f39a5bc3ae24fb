import { inAirflow3 } from '../airflow/renamed-settings.js';
import type { Blueprint } from '../catalog/resolve.js';
import type { EnvFile } from '../project/dotenv.js';

/** What the settings of Airflow 2 that `.env` has come to when the stack is one of Airflow 3. */
export interface MovedSettings {
  /** Variables of this stack that take the value which the setting had under its old name. */
  values: Map<string, string>;
  notes: string[];
}

/**
 * A project that comes from Airflow 2: what was only renamed keeps its value under the new name (a `.env` that hid the
 * configuration goes on hiding it), and what nobody reads any more is reported. Nothing is taken out of `.env`: the way back stays open.
 */
export function moveSettings(blueprint: Blueprint, env: EnvFile): MovedSettings {
  const values = new Map<string, string>();
  if (Number(blueprint.airflow.split('.')[0]) < 3) return { values, notes: [] };
  const declared = new Set(blueprint.variables.map((variable) => variable.name));
  const leftOver: string[] = [];
  const moved: string[] = [];
  const own: string[] = [];
  for (const name of env.names()) {
    if (declared.has(name)) continue;
    const fate = inAirflow3(name);
    const isGathers = blueprint.otherLine.includes(name);
    if (fate.kind === 'renamed' && fate.sameUnit && declared.has(fate.to) && env.get(fate.to) === undefined) {
      values.set(fate.to, env.get(name) ?? '');
      moved.push(`${name} is ${fate.to} in Airflow 3, which takes its value over`);
    } else if (isGathers) leftOver.push(name);
    else if (fate.kind === 'renamed')
      own.push(
        `${name} is ${fate.to} in Airflow 3${fate.sameUnit ? '' : ', in another unit'}: rename it in .env`,
      );
    else if (fate.kind === 'gone') own.push(`${name}: Airflow 3 has no such setting and ignores it`);
  }
  if (moved.length === 0) return { values, notes: own };
  return {
    values,
    notes: [
      ...moved,
      ...(leftOver.length
        ? [`Airflow 3 gets none of these, which are for Airflow 2: ${leftOver.join(', ')}`]
        : []),
      ...own,
      '`gather up` migrates the database, which Airflow 2 cannot read from then on: back it up first if you may want to go back',
    ],
  };
}

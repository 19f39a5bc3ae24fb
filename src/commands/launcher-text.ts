import { rows } from '../output/columns.js';
import type { LauncherReport } from '../stack/observe/launcher.js';

/** What of Airflow is changed in a stack, for people. */
export function launcherText({ name, always, patches }: LauncherReport): string[] {
  const exceptions = always.length ? `, but for: ${always.join(', ')}` : '';
  if (name === 'plain') return [`launcher: Airflow runs as it is${exceptions}`];
  if (!patches)
    return [
      `launcher: ${name}; which patches are in force is told by Airflow's image, which no engine has yet: gather images build`,
    ];
  const inForce = patches.filter((one) => one.inForce).length;
  const table = patches.map((one) => [
    one.name,
    one.inForce ? 'in force' : 'left out',
    one.inForce ? `saves ${one.saves}` : one.reason,
    one.differs,
  ]);
  return [
    `launcher: ${name}, ${inForce} of ${patches.length} patches in force; beside them Airflow runs as it is${exceptions}`,
    ...rows(table, '  '),
  ];
}

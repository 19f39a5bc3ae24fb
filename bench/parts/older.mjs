// Today's build beside an older one, in pairs: the commands that people call all day, and a project of a thousand components.
import { rmSync } from 'node:fs';
import { COMMIT, olderBuild } from '../older.mjs';
import { inPairs } from '../pairs.mjs';
import { MAIN, Stack } from '../stack.mjs';
import { projectWith, renderWith } from './cli.mjs';

const OLDER = `gather of ${COMMIT}`;
/** The older build's stack runs beside today's. */
const OTHER_PORTS = ['PROXY_PORT=18188', 'AIRFLOW_WEB_PORT=18189', 'FLOWER_PORT=18155'];
const COMMANDS = {
  'gather status': ['status'],
  'gather dags list': ['dags', 'list'],
  'gather up again': ['up', '--yes'],
};

export async function commands({ version, rows }) {
  const stacks = {
    [OLDER]: new Stack(version, { main: olderBuild(), settings: OTHER_PORTS }),
    gather: new Stack(version),
  };
  for (const stack of Object.values(stacks)) {
    stack.up();
    await stack.api.runSucceeds('bench_tiny');
  }
  for (const [figure, args] of Object.entries(COMMANDS)) {
    const sides = Object.entries(stacks).map(([name, stack]) => [name, () => stack.gather(...args)]);
    await inPairs({ part: 'commands', figure, version }, Object.fromEntries(sides), rows);
  }
  for (const stack of Object.values(stacks)) stack.remove();
}

export async function thousand({ rows }) {
  const [older, today] = [projectWith(1000), projectWith(1000)];
  const sides = { [OLDER]: () => renderWith(olderBuild(), older), gather: () => renderWith(MAIN, today) };
  await inPairs({ part: 'thousand', figure: 'gather render, 1,000 components' }, sides, rows);
  for (const project of [older, today]) rmSync(project, { recursive: true });
}

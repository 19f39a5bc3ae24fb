// Seconds from a new line in requirements.txt until the package imports in a worker, with a warm cache.
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { median, seconds } from '../measure.mjs';
import { preparedStack } from './sides.mjs';

const GOAL = 15;
const [WARM_UP, ...PACKAGES] = ['pyfiglet', 'emoji', 'art', 'roman'];

export async function requirement({ version, runs, rows }) {
  const { stack } = preparedStack(version);
  stack.up();
  await add(stack, WARM_UP);
  const times = [];
  for (const name of PACKAGES.slice(0, runs)) times.push(await add(stack, name));
  const value = median(times);
  const row = {
    part: 'requirement',
    version,
    figure: 'new package imports',
    side: 'gather',
    value,
    unit: 's',
  };
  rows.push({ ...row, runs: times.length, goal: `≤ ${GOAL} s`, met: value <= GOAL });
  stack.remove();
}

const add = (stack, name) =>
  seconds(() => {
    appendFileSync(join(stack.folder, 'requirements.txt'), `\n${name}\n`);
    stack.up();
    stack.compose('exec', '-T', 'airflow-worker', 'python', '-c', `import ${name}`);
  });

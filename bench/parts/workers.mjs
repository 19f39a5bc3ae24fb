// 8 workers against 2: seconds to boot may grow no faster than CPU seconds ÷ cores. A worker's CPU seconds are its container's
// and the engine's, which makes the container, its network and its checks.
import { cpus } from 'node:os';
import { cpuOfContainers, cpuOfMachine, median, seconds } from '../measure.mjs';
import { preparedStack } from './sides.mjs';

export async function workers({ version, runs, rows }) {
  const [two, eight] = [await boots(version, 2, runs), await boots(version, 8, runs)];
  const [time, all, inContainers] = ['time', 'all', 'inContainers'].map((what) => eight[what] - two[what]);
  const grows = all / cpus().length;
  const row = { part: 'workers', version, side: 'gather', unit: 's', runs };
  rows.push(
    { ...row, figure: '2 workers', value: two.time },
    { ...row, figure: '8 workers', value: eight.time },
    {
      ...row,
      figure: '6 more workers',
      value: time,
      goal: `≤ ${grows.toFixed(1)} s`,
      met: time <= grows,
    },
    { ...row, figure: '6 more workers, CPU', unit: 'CPU s', value: all },
    { ...row, figure: '6 more workers, CPU in containers', unit: 'CPU s', value: inContainers },
  );
}

/** Cold boots with `count` workers: median seconds, and CPU seconds of the machine and of the containers. */
async function boots(version, count, runs) {
  const { stack } = preparedStack(version, { settings: [`AIRFLOW_WORKERS=${count}`] });
  const seen = [];
  for (let run = 0; run < runs; run++) {
    const [all, inContainers] = [cpuOfMachine(), cpuOfContainers()];
    const time = await seconds(() => stack.up());
    seen.push({ time, all: cpuOfMachine() - all, inContainers: cpuOfContainers() - inContainers });
    stack.down({ volumes: true });
  }
  stack.remove();
  const middle = (what) => median(seen.map((each) => each[what]));
  return { time: middle('time'), all: middle('all'), inContainers: middle('inContainers') };
}

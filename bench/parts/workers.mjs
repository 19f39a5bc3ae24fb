// 8 workers against 2: seconds to boot may grow no faster than CPU seconds ÷ cores.
import { cpus } from 'node:os';
import { median, seconds, usage } from '../measure.mjs';
import { preparedStack } from './sides.mjs';

export async function workers({ version, runs, rows }) {
  const [two, eight] = [await boots(version, 2, runs), await boots(version, 8, runs)];
  const grows = (eight.cpu - two.cpu) / cpus().length;
  const row = { part: 'workers', version, side: 'gather', unit: 's', runs };
  rows.push(
    { ...row, figure: '2 workers', value: two.time },
    { ...row, figure: '8 workers', value: eight.time },
  );
  rows.push({
    ...row,
    figure: '6 more workers',
    value: eight.time - two.time,
    goal: `≤ ${grows.toFixed(1)} s`,
    met: eight.time - two.time <= grows,
  });
}

/** Cold boots with `count` workers: median seconds, and CPU seconds of the containers that run at ready. */
async function boots(version, count, runs) {
  const { stack } = preparedStack(version, { settings: [`AIRFLOW_WORKERS=${count}`] });
  const seen = [];
  for (let run = 0; run < runs; run++) {
    const time = await seconds(() => stack.up());
    seen.push({ time, cpu: usage(stack.running()).cpu });
    stack.down({ volumes: true });
  }
  stack.remove();
  return { time: median(seen.map(({ time }) => time)), cpu: median(seen.map(({ cpu }) => cpu)) };
}

// The floor of a cold boot: the longest chain of phases, each alone, or all CPU seconds ÷ cores, whichever is larger.
import { cpus } from 'node:os';
import { cpuOfContainers, median, run as runToEnd, seconds } from '../measure.mjs';
import { preparedStack } from './sides.mjs';

const GOAL = 1.3;

export async function floor({ version, runs, rows }) {
  const { stack } = preparedStack(version);
  const seen = [];
  for (let run = 0; run < runs; run++) {
    seen.push({ ...(await phases(stack)), ...(await coldBoot(stack)) });
  }
  const middle = (name) => median(seen.map((round) => round[name]));
  const row = { part: 'floor', version, side: 'gather', unit: 's', runs };
  for (const name of Object.keys(seen[0])) rows.push({ ...row, figure: name, value: middle(name) });
  const web = Math.max(middle('web answers'), middle('scheduler beats'), middle('worker answers'));
  const chain = middle('database ready') + middle('migrate') + web;
  const value = Math.max(chain, middle('CPU seconds ÷ cores'));
  const ratio = middle('cold boot') / value;
  rows.push({ ...row, figure: 'floor', value, ratio, goal: `boot ≤ ${GOAL}×`, met: ratio <= GOAL });
  stack.remove();
}

/** Each phase alone on a fresh project, as the engine tells it: seconds from the making of a container until it was healthy, or had ended. */
async function phases(stack) {
  const times = { 'database ready': start(stack, 'postgres'), migrate: init(stack) };
  start(stack, 'redis'); // comes up before the worker, and is not counted
  times['web answers'] = start(stack, stack.major === 2 ? 'airflow-webserver' : 'airflow-apiserver');
  times['scheduler beats'] = start(stack, 'airflow-scheduler');
  times['worker answers'] = start(stack, 'airflow-worker');
  stack.down({ volumes: true });
  return times;
}

function start(stack, service) {
  stack.compose('up', '-d', '--no-deps', '--wait', service);
  const each = inspected(stack, service).map(({ Created, State }) => {
    const passed = State.Health.Log.find(({ ExitCode }) => ExitCode === 0);
    return (Date.parse(passed.End) - Date.parse(Created)) / 1000;
  });
  return Math.max(...each);
}

function init(stack) {
  stack.compose('up', '-d', '--no-deps', 'airflow-init');
  const id = stack.compose('ps', '--all', '--quiet', '--no-trunc', 'airflow-init').trim();
  const code = runToEnd('docker', ['wait', id]).trim();
  if (code !== '0') throw new Error(`airflow-init ended with ${code}`);
  const [{ Created, State }] = inspected(stack, 'airflow-init');
  return (Date.parse(State.FinishedAt) - Date.parse(Created)) / 1000;
}

function inspected(stack, service) {
  const ids = stack.compose('ps', '--all', '--quiet', '--no-trunc', service).split('\n').filter(Boolean);
  return JSON.parse(runToEnd('docker', ['inspect', ...ids]));
}

/** A cold boot, and the CPU seconds of all its containers, with those that have ended. */
async function coldBoot(stack) {
  const before = cpuOfContainers();
  const boot = await seconds(() => stack.up());
  const cpu = cpuOfContainers() - before;
  stack.down({ volumes: true });
  return { 'CPU seconds ÷ cores': cpu / cpus().length, 'cold boot': boot };
}

// CPU seconds a minute and memory of a stack that has nothing to do: gather with Flower, two workers and proxy; quick-start with one.
import { median, sleep, usage } from '../measure.mjs';
import { quickStart } from '../quick-start.mjs';
import { preparedStack } from './sides.mjs';

const GOAL = 0.6;

export async function idle({ version, runs, rows }) {
  const { stack, images } = preparedStack(version);
  const peer = quickStart(stack.major, images);
  const theirs = await minutes(peer, () => peer.up(), runs);
  const ours = await minutes(stack, () => stack.up('--profile', 'flower'), runs);
  for (const [what, unit] of [
    ['cpu', 'CPU s/min'],
    ['memory', 'bytes'],
  ]) {
    const row = { part: 'idle', version, figure: `idle ${what}`, unit, runs };
    const ratio = ours[what] / theirs[what];
    rows.push({ ...row, side: 'quick-start', value: theirs[what] });
    rows.push({ ...row, side: 'gather', value: ours[what], ratio, goal: `≤ ${GOAL}×`, met: ratio <= GOAL });
  }
  peer.remove();
  stack.remove();
}

/** Boots a side, lets it settle for 30 s, and takes the median of `runs` minutes. */
async function minutes(side, up, runs) {
  up();
  await sleep(30_000);
  const ids = side.running();
  const seen = [];
  for (let run = 0; run < runs; run++) {
    const before = usage(ids);
    await sleep(60_000);
    const after = usage(ids);
    seen.push({ cpu: after.cpu - before.cpu, memory: after.memory });
  }
  side.down({ volumes: true });
  return { cpu: median(seen.map(({ cpu }) => cpu)), memory: median(seen.map(({ memory }) => memory)) };
}

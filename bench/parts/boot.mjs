// Cold, warm and repeated boot and down, of gather with either launcher and of the quick-start layout, in turn: "said ready" and usable.
import { median, seconds } from '../measure.mjs';
import { quickStart } from '../quick-start.mjs';
import { preparedStack } from './sides.mjs';

/** Of the default: a stack in which Airflow runs as it is. */
const GOALS = { cold: 4.5, warm: 5.5, repeat: 15, down: 1 };
const FAST = 'gather, launcher: fast';

export async function boot({ version, runs, rows }) {
  const { stack, images } = preparedStack(version);
  const fast = preparedStack(version, { launcher: 'fast' }).stack;
  const sides = { 'quick-start': quickStart(stack.major, images), gather: stack, [FAST]: fast };
  const figures = {};
  const note = (figure, side, value) => {
    figures[figure] ??= Object.fromEntries(Object.keys(sides).map((name) => [name, []]));
    figures[figure][side].push(value);
  };
  // A B, B A, …: a machine that gets slower is unfair to none
  for (let run = 0; run < runs; run++)
    for (const [name, side] of run % 2 ? Object.entries(sides).reverse() : Object.entries(sides))
      for (const [figure, value] of Object.entries(await oneRound(side))) note(figure, name, value);
  for (const [figure, values] of Object.entries(figures)) {
    const [peer, own, patched] = [median(values['quick-start']), median(values.gather), median(values[FAST])];
    const goal = GOALS[figure.split(',')[0]];
    rows.push({ part: 'boot', figure, version, side: 'quick-start', value: peer, unit: 's', runs });
    const met = peer / own >= goal && (figure !== 'repeat' || own <= 0.5);
    const says = `≥ ${goal}×${figure === 'repeat' ? ', ≤ 0.5 s' : ''}`;
    const ratio = peer / own;
    rows.push({
      part: 'boot',
      figure,
      version,
      side: 'gather',
      value: own,
      unit: 's',
      ratio,
      goal: says,
      met,
      runs,
    });
    rows.push({
      part: 'boot',
      figure,
      version,
      side: FAST,
      value: patched,
      unit: 's',
      ratio: peer / patched,
      runs,
    });
  }
  for (const side of Object.values(sides)) side.remove();
}

/** One side's cold boot, repeated up, down, warm boot and last down; seconds each. */
async function oneRound(side) {
  const cold = await bootOf(side);
  const repeat = await seconds(() => side.up());
  const down = await seconds(() => side.down());
  const warm = await bootOf(side);
  side.down({ volumes: true });
  return {
    'cold, said ready': cold.ready,
    'cold, usable': cold.usable,
    'warm, said ready': warm.ready,
    'warm, usable': warm.usable,
    repeat,
    down,
  };
}

async function bootOf(side) {
  const ready = await seconds(() => side.up());
  return { ready, usable: ready + (await seconds(() => side.api.runSucceeds('bench_tiny'))) };
}

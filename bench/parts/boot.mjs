// Cold, warm and repeated boot and down, of gather and of the quick-start layout, in turn: "said ready" and usable.
import { median, seconds } from '../measure.mjs';
import { quickStart } from '../quick-start.mjs';
import { preparedStack } from './sides.mjs';

const GOALS = { cold: 4, warm: 6, repeat: 15, down: 1 };

export async function boot({ version, runs, rows }) {
  const { stack, images } = preparedStack(version);
  const sides = { 'quick-start': quickStart(stack.major, images), gather: stack };
  const figures = {};
  const note = (figure, side, value) => {
    figures[figure] ??= { 'quick-start': [], gather: [] };
    figures[figure][side].push(value);
  };
  // A B, B A, …: a machine that gets slower is unfair to none
  for (let run = 0; run < runs; run++)
    for (const [name, side] of run % 2 ? Object.entries(sides).reverse() : Object.entries(sides))
      for (const [figure, value] of Object.entries(await oneRound(side))) note(figure, name, value);
  for (const [figure, values] of Object.entries(figures)) {
    const [peer, own] = [median(values['quick-start']), median(values.gather)];
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
  }
  sides['quick-start'].remove();
  stack.remove();
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

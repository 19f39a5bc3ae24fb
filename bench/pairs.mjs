// Two sides of which the second has to be no slower than the first.
import { median, seconds } from './measure.mjs';

const ROUNDS = 20;

/** One round each that does not count, then A B, B A, …: a machine that gets slower is unfair to none. The ratio is the median of the pairs'. */
export async function inPairs(row, sides, rows, rounds = ROUNDS) {
  const names = Object.keys(sides);
  const times = Object.fromEntries(names.map((name) => [name, []]));
  for (const side of Object.values(sides)) side();
  for (let round = 0; round < rounds; round++)
    for (const name of round % 2 ? names.toReversed() : names) times[name].push(await seconds(sides[name]));
  const [before, now] = names.map((name) => times[name]);
  const ratio = median(now.map((value, round) => value / before[round]));
  const figures = { ...row, unit: 's', runs: rounds };
  rows.push({ ...figures, side: names[0], value: median(before) });
  rows.push({ ...figures, side: names[1], value: median(now), ratio, goal: '≤ 1×', met: ratio <= 1 });
}

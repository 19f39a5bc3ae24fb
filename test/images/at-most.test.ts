import { expect, test } from 'vitest';
import { AtMost } from '../../src/images/at-most.js';

test('work waits for its turn in its order, and a failure gives its place on', async () => {
  const turns = new AtMost(2);
  const began: number[] = [];
  const ends: (() => void)[] = [];
  const fails: ((error: Error) => void)[] = [];
  const works = [0, 1, 2, 3].map((i) =>
    turns.run(() => {
      began.push(i);
      return new Promise<number>((done, fail) => {
        ends[i] = () => done(i);
        fails[i] = fail;
      });
    }),
  );
  const settled = () => new Promise((done) => setImmediate(done));
  expect(began).toEqual([0, 1]);
  fails[1]?.(new Error('no'));
  await expect(works[1]).rejects.toThrow('no');
  await settled();
  expect(began).toEqual([0, 1, 2]);
  ends[0]?.();
  await settled();
  expect(began).toEqual([0, 1, 2, 3]);
  ends[2]?.();
  ends[3]?.();
  expect(await Promise.all([works[0], works[2], works[3]])).toEqual([0, 2, 3]);
  const later = turns.run(async () => 4);
  expect(await later).toBe(4);
});

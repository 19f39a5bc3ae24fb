import { expect, test } from 'vitest';
import { BuildProgress } from '../../src/images/build.js';

const read = (...lines: string[]) => {
  const progress = new BuildProgress();
  return lines.map((line) => progress.read(line));
};

test('each line of a step says which one of how many it is', () => {
  expect(
    read('#7 [3/9] RUN uv pip install', '#7 3.21 Installed 104 packages', '#8 [build 2/4] COPY a b'),
  ).toEqual(['3/9 RUN uv pip install', '3/9 Installed 104 packages', '2/4 COPY a b']);
});

test('what BuildKit says of itself is passed over', () => {
  expect(
    read(
      '#1 [internal] load build definition',
      '#1 DONE 0.0s',
      '#7 [ 3/9] RUN x',
      '#7 CACHED',
      '#9 exporting layers',
      '',
    ),
  ).toEqual([undefined, undefined, '3/9 RUN x', undefined, undefined, undefined]);
});

import { expect, test } from 'vitest';
import { EnvFile } from '../../src/project/dotenv.js';
import { compareEnv } from '../../src/project/env-diff.js';

const compare = (here: string, there: string) =>
  compareEnv(EnvFile.parse(here, '.env'), EnvFile.parse(there, 'preprod.env'));

test('names are compared by the value that counts, however it is written', () => {
  expect(compare('A=1\nB="two words"\nC=$A\n', "export B='two words'\nC=1\nA=0\nA=1\n")).toEqual([]);
});

test('each way of being different has its word and its lines, and no value is told', () => {
  const found = compare(
    'A=hunter-2\nB=hunter-2\nC=\nD=hunter-2\nSAME=x\n',
    'SAME=x\nB=hunter-3\nC=hunter-3\nD=\nE=1\n',
  );
  expect(found).toEqual([
    { name: 'A', how: 'missing there', line: { here: 1, there: null } },
    { name: 'B', how: 'differs', line: { here: 2, there: 2 } },
    { name: 'C', how: 'empty here', line: { here: 3, there: 3 } },
    { name: 'D', how: 'empty there', line: { here: 4, there: 4 } },
    { name: 'E', how: 'missing here', line: { here: null, there: 5 } },
  ]);
});

test('a name without a value is missing', () => {
  expect(compare('A=1\n', 'A\n')).toEqual([{ name: 'A', how: 'missing there', line: { here: 1, there: 1 } }]);
});

import { expect, test } from 'vitest';
import { rows } from '../../src/output/columns.js';

test('each column is as wide as its widest cell, and no line ends with a blank', () => {
  expect(
    rows([
      ['web', 'healthy', 'a:1'],
      ['scheduler', 'up', ''],
      ['x', undefined, 'b:2'],
    ]),
  ).toEqual(['web        healthy  a:1', 'scheduler  up', 'x                   b:2']);
});

test('numbers stand at the right, and the indent before every line', () => {
  expect(
    rows(
      [
        [5, 'a'],
        [1234, 'b'],
        [undefined, 'c'],
      ],
      '> ',
    ),
  ).toEqual(['>    5  a', '> 1234  b', '>       c']);
});

test('a table without rows has no lines', () => {
  expect(rows([])).toEqual([]);
});

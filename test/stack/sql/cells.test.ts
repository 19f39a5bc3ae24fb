import { expect, test } from 'vitest';
import { cellText, csvLine } from '../../../src/stack/sql/cells.js';
import { parseRows } from '../../../src/stack/sql/wide-numbers.js';

test('CSV quotes what it has to, and NULL is no empty text', () => {
  expect(csvLine(['a', 'b,c', 'd"e', 'f\ng', '', null, 1.5, true, ['x', 1], { k: null }])).toBe(
    'a,"b,c","d""e","f\ng","",,1.5,true,"[""x"",1]","{""k"":null}"',
  );
});

test('a cell of a table is one line', () => {
  expect([null, 'a\r\nb\tc', [1, 'x'], false].map(cellText)).toEqual(['NULL', 'a b c', '[1,"x"]', 'false']);
});

test('an integer that a number cannot hold stays as it is', () => {
  const text =
    '{"data":[[9007199254740993,-9223372036854775808,123456789012345,1.5e18,"12345678901234567\\""]]}';
  expect(parseRows(text)).toEqual({
    data: [['9007199254740993', '-9223372036854775808', 123456789012345, 1.5e18, '12345678901234567"']],
  });
});

test('the digits behind the point of a wide number are none of an integer', () => {
  expect(parseRows('[0.2500000000000000, 1000000000000000000.0]')).toEqual([0.25, 1e18]);
});

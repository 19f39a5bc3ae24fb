import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { readConf } from '../../../src/airflow/dags/conf.js';

describe('--conf', () => {
  test('is an object, and empty when it is left out', () => {
    expect(readConf(undefined)).toEqual({});
    expect(readConf('{"a": [1, {"b": "ü"}]}')).toEqual({ a: [1, { b: 'ü' }] });
  });

  test.each([
    [`{'a': 1}`, `unexpected "'" at column 2`],
    ['{"a": Ada}', 'unexpected "A" at column 7'],
    ['{"a": 1,}', 'unexpected "}" at column 9'],
    ['{"a": tru}', 'unexpected "}" at column 10'],
    ['{"a": 1}x', 'unexpected "x" at column 9'],
    ['{"a": 1.}', 'unexpected "}" at column 9'],
    ['{"a": "b', 'it ends too early at column 9'],
    ['', 'it ends too early at column 1'],
    ['{\n  "a": 1\n  "b": 2\n}', 'unexpected "\\"" at line 3, column 3'],
  ])('%j is refused with the place', (text, problem) => {
    expect(() => readConf(text)).toThrow(expect.objectContaining({ code: 'USAGE', exitCode: 2 }));
    expect(() => readConf(text)).toThrow(`--conf is no JSON: ${problem}`);
  });

  test('shows the line with a mark under the place', () => {
    const details = ['{"a": Ada}', '      ^'];
    expect(() => readConf('{"a": Ada}')).toThrow(expect.objectContaining({ details }));
  });

  test.each(['[1]', '1', 'null', '"a"'])('%s is JSON, but no object', (text) => {
    expect(() => readConf(text)).toThrow('--conf must be a JSON object');
  });

  test('every beginning of JSON ends too early, and a slip behind it is where it says', () => {
    const slip = '\u0001';
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.nat(), (value, at) => {
        const text = JSON.stringify(value);
        const end = at % text.length;
        const column = `at column ${end + 1}`;
        expect(() => readConf(text.slice(0, end))).toThrow(`it ends too early ${column}`);
        expect(() => readConf(text.slice(0, end) + slip + text.slice(end))).toThrow(
          `unexpected ${JSON.stringify(slip)} ${column}`,
        );
      }),
    );
  });

  test('finds a slip in a long one with few parses', () => {
    const long = JSON.stringify({ rows: Array.from({ length: 4000 }, (_, i) => `row ${i}`) });
    const parse = vi.spyOn(JSON, 'parse');
    const parses = () => {
      parse.mockClear();
      expect(() => readConf(`${long.slice(0, -2)},]}`)).toThrow(`unexpected "]" at column ${long.length}`);
      return parse.mock.calls.length;
    };
    try {
      expect(long.length).toBeGreaterThan(40_000);
      // 2 ** 16 > 40,000
      expect(parses()).toBeLessThanOrEqual(18);
    } finally {
      parse.mockRestore();
    }
  });
});

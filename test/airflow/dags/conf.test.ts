import { describe, expect, test } from 'vitest';
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
});

import { describe, expect, test } from 'vitest';
import { parseJson } from '../../src/project/json-text.js';

const SAME = [
  '{}',
  '[]',
  ' {"a": [1, -2.5e3, "x\\n\\"\\u00e9", true, false, null], "b": {"c": {}}} ',
  '"alone"',
  '\r\n\t[0]\n',
];
test.each(SAME)('%j is read as JSON.parse does', (text) => {
  expect(parseJson(text, 'a.json')).toEqual(JSON.parse(text));
});

const WRONG: [text: string, line: number, says: string][] = [
  ['', 1, 'a value is missing'],
  ['{\n "a": 1\n "b": 2\n}', 3, 'a comma or } is missing'],
  ['{\n "a": 1,\n}', 3, 'a name in quotes is missing'],
  ['[\n1,\n]', 3, 'a value is missing'],
  ['{\n "a": {\n "b": 1\n', 2, 'what begins here has no }'],
  ['{"a"\n 1}', 2, 'a colon is missing behind "a"'],
  ['{"a": 1,\n"a": 2}', 2, '"a" stands here a second time'],
  ['{"a": "x\ny"}', 1, 'a text has no end'],
  ['{"a":\n "\\x"}', 2, 'JSON does not know'],
  ['{"a": 01}', 1, 'a comma or } is missing'],
  ['{"a": -}', 1, 'none of JSON'],
  ['[1, // one\n2]', 1, 'no comments'],
  ['[\n[1 2]]', 2, 'a comma or ] is missing'],
  ['{"a": toString}', 1, 'none of JSON'],
  ['{}\n{}', 2, 'more behind its end'],
];
describe.each(WRONG)('%j', (text, line, says) => {
  test(`is wrong in line ${line}, and nothing of it is told`, () => {
    expect(() => JSON.parse(text.replaceAll('"a": 1,\n"a"', '"a" "a"'))).toThrow();
    try {
      parseJson(text, 'a.json');
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({
        code: 'PROJECT_INVALID',
        message: expect.stringContaining(says),
        where: { file: 'a.json', line },
      });
    }
  });
});

test('a byte order mark is none of it', () => {
  expect(parseJson('\uFEFF{"realm": "x"}', 'a.json')).toEqual({ realm: 'x' });
});

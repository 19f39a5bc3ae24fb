import { expect, test } from 'vitest';
import { parseProperties } from '../../src/project/properties.js';
import { FORMATS } from '../../src/render/formats.js';
import { fault } from '../catalog/play-catalog.js';

const read = (text: string) => Object.fromEntries(parseProperties(text, '/p/a.properties'));

test('comments, blank lines, every separator, and lines that go on', () => {
  expect(
    read('# a\n! b\n\n  a=1\r\nb : 2\nc 3\nd==4\ne=\nf=one,\\\n   two\\\n  ,three\ng=ends \\\\\nh=last'),
  ).toEqual({ a: '1', b: '2', c: '3', d: '=4', e: '', f: 'one,two,three', g: 'ends \\', h: 'last' });
});

test('escapes, in names as well', () => {
  expect(read('a\\ b\\=c\\:d=x\\ty\\u00e4\\\\u\\q\n')).toEqual({ 'a b=c:d': 'x\tyä\\uq' });
});

test('what gather writes is read back', () => {
  const odd = { 'a b:c=#!': ' #lead\\ing "q" $x ${ENV:Y} ä€😀\n\t\f\r', empty: '', '#x': '!' };
  expect(read(FORMATS.properties(odd))).toEqual(odd);
});

test.each([
  ['a name without a value', 'a=1\nconnector.name\n', 2, '"connector.name" has no value: NAME=VALUE'],
  ['a name that comes twice', 'a=1\n\nb=2\\\n3\na=secret\n', 5, 'a stands here a second time'],
  ['half an escape', 'a=\\u12g4 secret\n', 1, '\\u needs four hexadecimal digits'],
  ['a value without a name', '=secret\n', 1, '"" has no value: NAME=VALUE'],
])('%s has a line, and its value is not told', (_, text, line, problem) => {
  const error = fault(() => read(text));
  expect(error).toMatchObject({ message: problem, where: { file: '/p/a.properties', line } });
  expect(JSON.stringify({ ...error, message: error.message })).not.toContain('secret');
});

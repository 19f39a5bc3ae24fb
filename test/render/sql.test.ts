import { expect, test } from 'vitest';
import { GatherError } from '../../src/output/errors.js';
import { identifier, literal } from '../../src/render/sql.js';

test('a literal doubles quotes and nothing else', () => {
  expect(literal("it's \\ $$ :x\n")).toBe("'it''s \\ $$ :x\n'");
  expect(literal('')).toBe("''");
});

test('an identifier doubles double quotes and nothing else', () => {
  expect(identifier('Air"flow \\ ü')).toBe('"Air""flow \\ ü"');
});

test('a name is measured in bytes', () => {
  expect(identifier('a'.repeat(63))).toHaveLength(65);
  expect(() => identifier('a'.repeat(64))).toThrow(GatherError);
  expect(() => identifier('é'.repeat(32))).toThrow('64 bytes');
});

test.each(['', 'a\0b', '\ud800'])('no name is %j', (name) => {
  expect(() => identifier(name)).toThrow(GatherError);
});

test('no text holds a NUL, and the error does not hold the text', () => {
  expect(() => literal('secret\0')).toThrow(GatherError);
  expect(() => literal('secret\0')).not.toThrow(/secret/);
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { logText } from '../../src/engine/log-text.js';

/** A frame as the engine makes it: 1 is stdout, 2 is stderr. */
function frame(stream: number, text: Buffer): Buffer {
  const header = Buffer.from([stream, 0, 0, 0, 0, 0, 0, 0]);
  header.writeUInt32BE(text.length, 4);
  return Buffer.concat([header, text]);
}

test('frames of stdout and stderr are one text, in their order', () => {
  const raw = Buffer.concat([
    frame(1, Buffer.from('one\n')),
    frame(2, Buffer.from('two\n')),
    frame(1, Buffer.from('')),
  ]);
  expect(logText(raw)).toBe('one\ntwo\n');
  expect(logText(Buffer.alloc(0))).toBe('');
});

test('what a container with a terminal wrote has no frames, and is all there', () => {
  for (const text of [
    'Traceback\r\nValueError: no\r\n',
    'short',
    '\u001b[31mred\u001b[0m and long enough\r\n',
  ])
    expect(logText(Buffer.from(text))).toBe(text);
});

test('a character may begin in one frame and end in the next', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.array(fc.nat(40)), (text, cuts) => {
      const bytes = Buffer.from(text);
      const ends = [...new Set([...cuts.filter((cut) => cut < bytes.length), bytes.length])].sort(
        (a, b) => a - b,
      );
      const frames = ends.map((end, i) => frame(1 + (i % 2), bytes.subarray(ends[i - 1] ?? 0, end)));
      expect(logText(Buffer.concat(frames))).toBe(text);
    }),
  );
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { bytesOrNone, textOrNone } from '../../src/machine/read-file.js';

test('a file is read as it is; one that is not there, and a folder, are empty', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gather-read-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'a'), Buffer.from([0xc3, 0xbc, 0x0a, 0xff]));
  expect(textOrNone(join(folder, 'a'))).toBe('ü\n\ufffd');
  expect(bytesOrNone(join(folder, 'a'))).toEqual(Buffer.from([0xc3, 0xbc, 0x0a, 0xff]));
  for (const file of [folder, join(folder, 'b'), join(folder, 'a/c')]) {
    expect(textOrNone(file)).toBe('');
    expect(bytesOrNone(file)).toEqual(Buffer.alloc(0));
  }
});

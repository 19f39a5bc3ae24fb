import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { firstFileIn } from '../../src/engine/tar.js';

let folder: string;
const long = `${'a-name-that-fits-in-no-header'.repeat(5)}.json`;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gather-tar-'));
  for (const [name, text] of [
    ['patches.json', '[{"name": "é"}]'],
    [long, 'long'],
    ['empty', ''],
  ] as const)
    writeFileSync(join(folder, name), text);
  symlinkSync('patches.json', join(folder, 'link'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const read = (archive: Buffer) => firstFileIn(Readable.from([archive]));
const tar = (format: string, ...names: string[]) =>
  execFileSync('tar', ['--create', `--format=${format}`, '--directory', folder, ...names]);

test.each(['pax', 'gnu'])('the first file of an archive as %s, whatever its name', async (format) => {
  expect(String(await read(tar(format, 'patches.json', 'empty')))).toBe('[{"name": "é"}]');
  expect(String(await read(tar(format, long)))).toBe('long');
  expect(String(await read(tar(format, 'link', 'patches.json')))).toBe('[{"name": "é"}]');
  expect(await read(tar(format, 'empty'))).toHaveLength(0);
});

test('an archive without a file has none', async () => {
  expect(await read(tar('pax', 'link'))).toBeUndefined();
  expect(await read(Buffer.alloc(1024))).toBeUndefined();
});

test('an archive that breaks off is an error', async () => {
  await expect(read(tar('pax', long).subarray(0, 700))).rejects.toThrow('Unexpected end');
});

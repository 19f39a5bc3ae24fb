import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { diffLines, diffSummary, diffTrees, type Tree } from '../../src/stack/s3-diff.js';
import { localTree } from '../../src/stack/s3-local.js';
import { fault } from '../catalog/play-catalog.js';

const folder = mkdtempSync(join(tmpdir(), 'gather-s3-'));
afterAll(() => rmSync(folder, { recursive: true }));

const md5 = (...parts: Buffer[]) => {
  const hash = createHash('md5');
  for (const part of parts) hash.update(part);
  return hash.digest();
};
function file(name: string, bytes: Buffer): void {
  mkdirSync(join(folder, name, '..'), { recursive: true });
  writeFileSync(join(folder, name), bytes);
}

describe('the difference', () => {
  test('is by size, and by content where the size is the same', async () => {
    for (const [name, text] of Object.entries({
      'd/same.py': 'aa',
      'd/other.py': 'ab',
      'd/longer.py': 'abc',
      'd/new.py': '',
    }))
      file(name, Buffer.from(text));
    const bucket: Tree = new Map(
      Object.entries({ 'same.py': 'aa', 'other.py': 'ba', 'longer.py': 'ab', 'gone.py': '' }).map(
        ([path, text]) => [path, { size: text.length, etag: md5(Buffer.from(text)).toString('hex') }],
      ),
    );
    const local = localTree(join(folder, 'd'));
    const diff = await diffTrees(local, bucket);
    expect(diff).toEqual({ added: ['new.py'], changed: ['longer.py', 'other.py'], deleted: ['gone.py'] });
    expect(diffLines(diff)).toEqual(['+ new.py', '~ longer.py', '~ other.py', '- gone.py']);
    expect(diffSummary(diff)).toBe('1 added, 2 changed, 1 deleted');
    expect(await diffTrees(bucket, local)).toEqual({
      added: ['gone.py'],
      changed: ['longer.py', 'other.py'],
      deleted: ['new.py'],
    });
    expect(diffSummary(await diffTrees(local, local))).toBe('nothing to do');
  });

  test('knows the ETag of a file that went up in parts', async () => {
    const bytes = Buffer.alloc(65 * 1024 * 1024, 'x');
    file('large/large.bin', bytes);
    const cut = 64 * 1024 * 1024;
    const etag = `${md5(md5(bytes.subarray(0, cut)), md5(bytes.subarray(cut))).toString('hex')}-2`;
    const object = (name: string): Tree => new Map([['large.bin', { size: bytes.length, etag: name }]]);
    const local = localTree(join(folder, 'large'));
    expect((await diffTrees(local, object(etag))).changed).toEqual([]);
    expect((await diffTrees(local, object(etag.replace(/^./, 'z')))).changed).toEqual(['large.bin']);
  });
});

describe('a folder of this machine', () => {
  test('follows links, but not in circles, and leaves out what it is told to', () => {
    file('l/a.py', Buffer.from('a'));
    file('l/__pycache__/a.pyc', Buffer.from('a'));
    file('l/deep/b.py', Buffer.from('b'));
    symlinkSync('.', join(folder, 'l/circle'));
    symlinkSync('deep', join(folder, 'l/link'));
    symlinkSync('nowhere', join(folder, 'l/broken'));
    const paths = [...localTree(join(folder, 'l'), (name) => name === '__pycache__').keys()].sort();
    expect(paths).toEqual(['a.py', 'deep/b.py', 'link/b.py']);
  });

  test('has to be there', () => {
    expect(fault(() => localTree(join(folder, 'nowhere')))).toMatchObject({ code: 'FILE_FAILED' });
  });
});

import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import {
  diffLines,
  diffSummary,
  diffTrees,
  type Entry,
  PARTS,
  type Tree,
} from '../../../src/stack/objects/diff.js';
import { localTree } from '../../../src/stack/objects/local.js';
import { fault } from '../../catalog/play-catalog.js';

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
        ([path, text]) => [
          path,
          { size: text.length, modified: 0, etag: md5(Buffer.from(text)).toString('hex') },
        ],
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
    expect(diffSummary(await diffTrees(bucket, bucket))).toBe('nothing to do');
  });

  /** The usual sizes, a thousandth of them each. */
  const SMALL = PARTS.map((bytes) => bytes / 1024);
  const KIB = 1024;
  /** The ETag that a file has when it is uploaded in parts of this size. */
  const tagOf = (bytes: Buffer, part: number) => {
    const count = Math.ceil(bytes.length / part);
    const parts = Array.from({ length: count }, (_, i) => md5(bytes.subarray(i * part, (i + 1) * part)));
    return `${md5(...parts).toString('hex')}-${count}`;
  };
  const changed = async (source: Entry, target: Entry) =>
    (await diffTrees(new Map([['a', source]]), new Map([['a', target]]), SMALL)).changed.length > 0;

  test.each([
    ['gather', 65, 64],
    ['the AWS CLI', 20, 8],
    ['the AWS CLI, in one part', 8, 8],
    ['mc', 20, 16],
    ['others', 20, 5],
  ])('knows the ETag of a file that %s has uploaded in parts', async (_, size, part) => {
    expect(PARTS).toContain(part * 1024 * KIB);
    const bytes = Buffer.alloc(size * KIB, 'x');
    file('large/large.bin', bytes);
    const local = localTree(join(folder, 'large')).get('large.bin') as Entry;
    const object: Entry = {
      size: bytes.length,
      modified: Date.now() + 60_000,
      etag: tagOf(bytes, part * KIB),
    };
    expect([await changed(local, object), await changed(object, local)]).toEqual([false, false]);
    bytes[0] = 0;
    const other = { ...object, etag: tagOf(bytes, part * KIB) };
    expect(await changed(other, local)).toBe(true);
  });

  test('is by time where the ETags cannot be compared: parts of an odd size, or one object in parts and the other not', async () => {
    file('odd/odd.bin', Buffer.from('hello'));
    const local = localTree(join(folder, 'odd')).get('odd.bin') as Entry;
    const { modified } = local;
    const object = (time: number): Entry => ({ size: 5, modified: time, etag: 'abc-3' });
    expect(await changed(object(modified - 2000), local)).toBe(false);
    expect(await changed(object(modified + 2000), local)).toBe(true);
    expect(await changed(local, object(modified - 2000))).toBe(true);
    expect(await changed(local, object(modified + 2000))).toBe(false);
    const whole = { ...object(1000), etag: 'abc' };
    expect([await changed(whole, object(1999)), await changed(whole, object(0))]).toEqual([false, true]);
    expect(await changed(whole, { ...whole, etag: 'abd' })).toBe(true);
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
    file('l/.gather-0a1b2c.tmp', Buffer.from('half of it'));
    const paths = [...localTree(join(folder, 'l'), (name) => name === '__pycache__').keys()].sort();
    expect(paths).toEqual(['a.py', 'deep/b.py', 'link/b.py']);
    const own = [...localTree(join(folder, 'l'), undefined, false).keys()].sort();
    expect(own).toEqual(['__pycache__/a.pyc', 'a.py', 'deep/b.py']);
  });

  test('has to be there', () => {
    expect(fault(() => localTree(join(folder, 'nowhere')))).toMatchObject({ code: 'FILE_FAILED' });
  });
});

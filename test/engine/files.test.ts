import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { GatherError } from '../../src/output/errors.js';
import { ensureFolder, readIfThere, writeAtomic } from '../../src/project/files.js';

let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'gather-files-'));
});
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

const root = process.getuid?.() === 0;
const at = (name: string) => path.join(folder, name);
const mode = (name: string) => fs.statSync(at(name)).mode & 0o7777;

function fault(work: () => unknown): GatherError {
  try {
    work();
  } catch (error) {
    if (error instanceof GatherError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

/** The folder is a file system of its own while the work is done. */
function mounted(options: string, work: () => void): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder]);
  try {
    work();
  } finally {
    execFileSync('umount', [folder]);
  }
}

/** Root may do everything, so the work is done as nobody. */
function asNobody(work: () => void): void {
  if (root) process.seteuid?.(65534);
  try {
    work();
  } finally {
    if (root) process.seteuid?.(0);
  }
}

describe('writeAtomic', () => {
  test('writes what is new, and says whether anything changed', () => {
    expect(writeAtomic(at('a'), 'é\n')).toBe(true);
    const before = fs.statSync(at('a'));
    expect(writeAtomic(at('a'), Buffer.from('é\n'))).toBe(false);
    expect(fs.statSync(at('a'))).toMatchObject({ ino: before.ino, mtimeMs: before.mtimeMs });
    expect(writeAtomic(at('a'), 'ü\n')).toBe(true);
    expect(fs.readFileSync(at('a'), 'utf8')).toBe('ü\n');
    expect(fs.readdirSync(folder)).toEqual(['a']);
  });

  test('takes the mode given, or keeps the one there was', () => {
    writeAtomic(at('a'), '1', { mode: 0o600 });
    expect(mode('a')).toBe(0o600);
    writeAtomic(at('a'), '2');
    expect(mode('a')).toBe(0o600);
    expect(writeAtomic(at('a'), '2', { mode: 0o644 })).toBe(true);
    expect(mode('a')).toBe(0o644);
    expect(writeAtomic(at('a'), '2', { mode: 0o644 })).toBe(false);
    writeAtomic(at('b'), '1');
    expect(mode('b')).toBe(0o666 & ~process.umask());
  });

  test('a link stays, and what it leads to is replaced', () => {
    fs.mkdirSync(at('real'));
    fs.writeFileSync(at('real/a'), 'old', { mode: 0o640 });
    fs.symlinkSync('real', at('there'));
    fs.symlinkSync('there/a', at('link'));
    fs.symlinkSync('real/none', at('dangling'));
    writeAtomic(at('link'), 'new');
    writeAtomic(at('dangling'), 'made');
    expect(fs.readlinkSync(at('link'))).toBe('there/a');
    expect(fs.readFileSync(at('real/a'), 'utf8')).toBe('new');
    expect(mode('real/a')).toBe(0o640);
    expect(fs.readFileSync(at('real/none'), 'utf8')).toBe('made');
    expect(fs.readdirSync(at('real')).sort()).toEqual(['a', 'none']);
  });

  test('says what is in the way', () => {
    fs.symlinkSync('loop', at('loop'));
    fs.mkdirSync(at('folder'));
    fs.writeFileSync(at('file'), '');
    const message = (name: string) => fault(() => writeAtomic(at(name), '')).message;
    expect(message('loop')).toContain('circle');
    expect(message('folder')).toContain('a folder of that name is in the way');
    expect(message('none/a')).toContain('no such folder');
    expect(message('file/a')).toContain('not a folder');
    expect(fs.readdirSync(folder).sort()).toEqual(['file', 'folder', 'loop']);
  });

  test('a full disk leaves the old file whole and nothing else', () => {
    mounted('size=64k', () => {
      writeAtomic(at('a'), 'old', { mode: 0o600 });
      const error = fault(() => writeAtomic(at('a'), 'x'.repeat(100_000)));
      expect(error.code).toBe('FILE_FAILED');
      expect(error.message).toBe(`Cannot write ${at('a')}: the disk is full.`);
      expect(error.hints).toHaveLength(1);
      expect(error.where).toEqual({ file: at('a') });
      expect(fs.readFileSync(at('a'), 'utf8')).toBe('old');
      expect(fs.readdirSync(folder)).toEqual(['a']);
    });
  });

  test('a read-only disk is named', () => {
    mounted('ro', () => {
      expect(fault(() => writeAtomic(at('a'), 'x')).message).toContain('read-only');
      expect(fault(() => ensureFolder(at('a'))).message).toContain('read-only');
    });
  });

  test('a folder of someone else is refused', () => {
    fs.writeFileSync(at('a'), 'old');
    fs.chmodSync(folder, 0o555);
    asNobody(() => {
      const error = fault(() => writeAtomic(at('a'), 'new'));
      expect(error.code).toBe('FILE_FAILED');
      expect(error.message).toContain('you may not');
    });
    fs.chmodSync(folder, 0o755);
    expect(fs.readFileSync(at('a'), 'utf8')).toBe('old');
    expect(fs.readdirSync(folder)).toEqual(['a']);
  });

  test('gives the file to its owner, and keeps the owner it has', () => {
    writeAtomic(at('a'), '1', { mode: 0o600, owner: { uid: 50000, gid: 0 } });
    expect(writeAtomic(at('a'), '1', { owner: { uid: 50000, gid: 0 } })).toBe(false);
    writeAtomic(at('a'), '2');
    expect(fs.statSync(at('a'))).toMatchObject({ uid: 50000, gid: 0 });
    expect(mode('a')).toBe(0o600);
    expect(writeAtomic(at('a'), '2', { owner: { uid: 0, gid: 0 } })).toBe(true);
  });
});

describe('ensureFolder', () => {
  test('makes it once', () => {
    expect(ensureFolder(at('a/b'))).toBe(true);
    expect(ensureFolder(at('a/b'))).toBe(false);
    expect(ensureFolder(at('a/b'), { mode: 0o770 })).toBe(true);
    expect(mode('a/b')).toBe(0o770);
    fs.writeFileSync(at('file'), '');
    expect(fault(() => ensureFolder(at('file'))).message).toContain('a file of that name is in the way');
    expect(fault(() => ensureFolder(at('file/b'))).code).toBe('FILE_FAILED');
  });

  test('gives what it made to the owner, and nothing above', () => {
    ensureFolder(at('x'));
    expect(ensureFolder(at('x/y/z'), { owner: { uid: 50000, gid: 7 } })).toBe(true);
    const owners = ['x', 'x/y', 'x/y/z'].map((name) => fs.statSync(at(name)).uid);
    expect(owners).toEqual([0, 50000, 50000]);
    expect(ensureFolder(at('x/y/z'), { owner: { uid: 50000, gid: 7 } })).toBe(false);
    expect(ensureFolder(at('x'), { owner: { uid: 50000, gid: 7 } })).toBe(true);
  });
});

describe('readIfThere', () => {
  test('reads the text, byte order mark included, or nothing', () => {
    fs.writeFileSync(at('a'), '\uFEFFé\r\n');
    expect(readIfThere(at('a'))).toBe('\uFEFFé\r\n');
    expect(readIfThere(at('b'))).toBeUndefined();
    expect(readIfThere(at('a/b'))).toBeUndefined();
  });

  test('refuses what is no text of ours', () => {
    fs.writeFileSync(at('a'), Buffer.from([0x61, 0xff]));
    expect(fault(() => readIfThere(at('a'))).message).toContain('UTF-8');
    expect(fault(() => readIfThere(folder)).code).toBe('FILE_FAILED');
    fs.writeFileSync(at('b'), '', { mode: 0o000 });
    asNobody(() => expect(fault(() => readIfThere(at('b'))).code).toBe('FILE_FAILED'));
  });
});

import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { GatherError } from '../output/errors.js';

export type Owner = { uid: number; gid: number };

export interface WriteOptions {
  /** Permission bits, such as 0o600. Left out, a file that exists keeps its own. */
  mode?: number;
  /** Left out, a file that exists keeps its own where we may give it away. */
  owner?: Owner;
}

const REASONS: Record<string, [reason: string, hint: string]> = {
  ENOSPC: ['the disk is full', 'Make room on that disk (`df -h` shows it), then run the command again.'],
  EDQUOT: [
    'your disk quota is used up',
    'Delete something of yours on that disk, then run the command again.',
  ],
  EACCES: ['you may not', 'Make the folder yours (`ls -ld` shows whose it is), or run this as its owner.'],
  EROFS: ['that disk is read-only', 'Mount it writable, or put the project elsewhere.'],
  ENOENT: ['there is no such folder', 'Make the folder it is in, then run the command again.'],
  ENOTDIR: ['a part of that path is a file, not a folder', 'Move that file away.'],
  EEXIST: ['a file of that name is in the way', 'Move that file away.'],
  EISDIR: ['a folder of that name is in the way', 'Move that folder away.'],
  ELOOP: ['its symbolic links lead in a circle', 'Remove the link.'],
};

/**
 * Writes a file whole or not at all: into a new file in the same folder, flushed to disk, then renamed over the old
 * one. A symbolic link is followed, and what it leads to is replaced. Mode and owner are set before the data is there.
 *
 * @returns whether anything changed; the file is not touched when bytes, mode and owner are right already.
 * @throws GatherError `FILE_FAILED`; the old file is whole then, and nothing is left behind.
 */
export function writeAtomic(path: string, data: string | Uint8Array, options: WriteOptions = {}): boolean {
  const bytes = Buffer.from(data);
  return orFileFailed('write', path, () => {
    const target = followLinks(path);
    const old = fs.statSync(target, { throwIfNoEntry: false });
    if (old?.isDirectory()) throw Object.assign(new Error('is a folder'), { code: 'EISDIR' });
    if (old !== undefined && isSame(old, target, bytes, options)) return false;
    const temporary = join(dirname(target), `.gather-${randomBytes(6).toString('hex')}.tmp`);
    try {
      writeNew(temporary, bytes, options, old);
      fs.renameSync(temporary, target);
    } catch (error) {
      fs.rmSync(temporary, { force: true });
      throw error;
    }
    syncFolder(dirname(target));
    return true;
  });
}

/**
 * Makes a folder, with those above it, unless it is there. `mode` is for the folder itself, also when it was there;
 * `owner` is for it and for those that had to be made above it.
 *
 * @returns whether anything changed.
 * @throws GatherError `FILE_FAILED`.
 */
export function ensureFolder(path: string, { mode, owner }: WriteOptions = {}): boolean {
  return orFileFailed('make the folder', path, () => {
    const made = makeMissing(resolve(path));
    let changed = made.length > 0;
    if (owner) for (const folder of made) fs.chownSync(folder, owner.uid, owner.gid);
    const now = fs.statSync(path);
    if (owner && (now.uid !== owner.uid || now.gid !== owner.gid)) {
      fs.chownSync(path, owner.uid, owner.gid);
      changed = true;
    }
    if (mode !== undefined && (now.mode & 0o7777) !== mode) {
      fs.chmodSync(path, mode);
      changed = true;
    }
    return changed;
  });
}

/**
 * The text of a file, byte order mark included, or undefined when there is none.
 *
 * @throws GatherError `FILE_FAILED` when it cannot be read or is not UTF-8 (writing it back would change it).
 */
export function readIfThere(path: string): string | undefined {
  return orFileFailed('read', path, () => {
    let bytes: Buffer;
    try {
      bytes = fs.readFileSync(path);
    } catch (error) {
      if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined;
      throw error;
    }
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      const hints = ['Save it as UTF-8.'];
      throw new GatherError('FILE_FAILED', `${path} is not a text in UTF-8.`, {
        where: { file: path },
        hints,
      });
    }
  });
}

/** One by one: Node's own `recursive` says ENOENT when the disk is read-only. */
function makeMissing(path: string): string[] {
  const there = fs.statSync(path, { throwIfNoEntry: false });
  if (there?.isDirectory()) return [];
  const made = there === undefined ? makeMissing(dirname(path)) : [];
  fs.mkdirSync(path);
  return [...made, path];
}

function writeNew(
  path: string,
  bytes: Buffer,
  { mode, owner }: WriteOptions,
  old: fs.Stats | undefined,
): void {
  // A new file of no given mode gets what the umask leaves; any other starts closed and is opened as far as asked.
  const wanted = mode ?? (old && old.mode & 0o7777);
  const file = fs.openSync(path, 'wx', wanted === undefined ? 0o666 : 0o600);
  try {
    if (owner) fs.fchownSync(file, owner.uid, owner.gid);
    else if (old) keepOwner(file, old);
    if (wanted !== undefined) fs.fchmodSync(file, wanted);
    fs.writeFileSync(file, bytes);
    fs.fsyncSync(file);
  } finally {
    fs.closeSync(file);
  }
}

function keepOwner(file: number, old: fs.Stats): void {
  const now = fs.fstatSync(file);
  if (now.uid === old.uid && now.gid === old.gid) return;
  try {
    fs.fchownSync(file, old.uid, old.gid);
  } catch (error) {
    // Only root may give a file away; who may replace it but not own it gets a file of their own.
    if (codeOf(error) !== 'EPERM') throw error;
  }
}

function isSame(old: fs.Stats, target: string, bytes: Buffer, { mode, owner }: WriteOptions): boolean {
  if (old.size !== bytes.length || (mode !== undefined && (old.mode & 0o7777) !== mode)) return false;
  if (owner && (old.uid !== owner.uid || old.gid !== owner.gid)) return false;
  try {
    return fs.readFileSync(target).equals(bytes);
  } catch (error) {
    // A file that may not be read can still be replaced.
    if (codeOf(error) === 'EACCES') return false;
    throw error;
  }
}

/** The file that a chain of links leads to, also when it is not there yet. */
function followLinks(path: string): string {
  let target = resolve(path);
  for (let i = 0; fs.lstatSync(target, { throwIfNoEntry: false })?.isSymbolicLink(); i++) {
    if (i === 40) throw Object.assign(new Error('too many links'), { code: 'ELOOP' });
    target = resolve(fs.realpathSync(dirname(target)), fs.readlinkSync(target));
  }
  return target;
}

/** Makes the rename itself last; where folders cannot be flushed, the data is safe all the same. */
function syncFolder(path: string): void {
  let folder: number | undefined;
  try {
    folder = fs.openSync(path, 'r');
    fs.fsyncSync(folder);
  } catch {
  } finally {
    if (folder !== undefined) fs.closeSync(folder);
  }
}

const codeOf = (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : '');

/** Does some work with files, and turns the system's error into ours. */
export function orFileFailed<T>(action: string, path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof GatherError) throw error;
    const code = codeOf(error);
    const [reason, hint] = REASONS[code === 'EPERM' ? 'EACCES' : code] ?? [
      `the system says ${code || String(error)}`,
      undefined,
    ];
    const hints = hint === undefined ? [] : [hint];
    const where = { file: path };
    throw new GatherError('FILE_FAILED', `Cannot ${action} ${path}: ${reason}.`, {
      where,
      hints,
      cause: error,
    });
  }
}

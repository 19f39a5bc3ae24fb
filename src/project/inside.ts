import { lstatSync, readlinkSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { GatherError } from '../output/errors.js';
import { orFileFailed } from './files.js';

/**
 * Throws FILE_FAILED when writing `path` would touch something that is not below the real path of `root`: a symbolic link of a
 * clone may lead anywhere, and root would write there. What is to be made may be missing.
 */
export function assertInside(root: string, path: string): void {
  const [home, target] = orFileFailed('look at', path, () => [landing(root), landing(path)]);
  if (target === home || target.startsWith(home.endsWith(sep) ? home : home + sep)) return;
  throw new GatherError('FILE_FAILED', `${path} leads to ${target}, which is outside of ${home}`, {
    where: { file: path },
    hints: ['gather writes below its project only: put a file or a folder in the place of that link'],
  });
}

/** Where a write to `path` would land: every link followed, also one to what is not there yet. */
export function landing(path: string, depth = 0): string {
  if (depth > 40) throw Object.assign(new Error('too many links'), { code: 'ELOOP' });
  const full = resolve(path);
  if (lstatSync(full, { throwIfNoEntry: false })?.isSymbolicLink())
    return landing(resolve(landing(dirname(full), depth + 1), readlinkSync(full)), depth + 1);
  if (dirname(full) === full) return full;
  try {
    return realpathSync(full);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return join(landing(dirname(full), depth + 1), basename(full));
  }
}

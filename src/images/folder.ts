import { createHash } from 'node:crypto';
import { cpSync, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename, join } from 'node:path';

/** Beside the parts of an image's folder: what is there for people, and what Python leaves behind. */
function isPart(path: string): boolean {
  return path !== 'README.md' && basename(path) !== '__pycache__';
}

/**
 * Everything in an image's folder that may show in the image: path, kind (`x` for a file that may be run), and the digest of
 * a file's bytes or the target of a link. The same list on every machine while nothing changes.
 */
export function folderEntries(folder: string, under = ''): string[][] {
  return readdirSync(join(folder, under))
    .sort()
    .map((name) => (under ? `${under}/${name}` : name))
    .filter(isPart)
    .flatMap((path) => {
      const full = join(folder, path);
      const about = lstatSync(full);
      if (about.isDirectory()) return folderEntries(folder, path);
      if (about.isSymbolicLink()) return [[path, 'link', readlinkSync(full)]];
      return about.isFile() ? [[path, about.mode & 0o111 ? 'x' : '', bytesDigest(readFileSync(full))]] : [];
    });
}

/** Copies those very entries. Links stay what they are: BuildKit follows none out of the folder. */
export function copyFolder(folder: string, to: string): void {
  cpSync(folder, to, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (path) => isPart(path.slice(folder.length).replace(/^\/+/, '')),
  });
}

export function bytesDigest(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

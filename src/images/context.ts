import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import commonJs, { type Ignore } from '@balena/dockerignore';
import { orFileFailed, readIfThere } from '../project/files.js';

/** Its types say `export default`, and it is what `require` gives back. */
const dockerignore = commonJs as unknown as () => Ignore;

/** What no layer may hold, or nobody wants in one, whatever `COPY . .` says: secrets, logs, git. The last line counts. */
const LEFT_OUT = [
  '.env',
  '.env.*',
  '*.env',
  '!.env.template',
  'postgres/init.sql',
  'logs',
  '.git',
  '.gather',
  '.gather-*.tmp',
  '**/__pycache__',
];

/** The .dockerignore for one Dockerfile of a project: the person's own, then what gather leaves out. */
export function ignoreTextOf(folder: string, dockerfile: string): string {
  const own =
    readIfThere(join(folder, `${dockerfile}.dockerignore`)) ?? readIfThere(join(folder, '.dockerignore'));
  return `${(own ?? '').replace(/\n*$/, '\n')}${LEFT_OUT.join('\n')}\n`;
}

/**
 * Path, mode and content's digest of every file that a build may take from a folder: the same list while nothing changes.
 * @param sources files and folders in it; undefined for all
 * Throws FILE_FAILED for what cannot be read.
 */
export function contextFiles(folder: string, sources: string[] | undefined, ignoreText: string): string[][] {
  const lines = ignoreText.split(/\r?\n/).filter((line) => !line.startsWith('#'));
  const ignored = dockerignore().add(lines);
  // a line with "!" may bring back a file of a folder that is left out
  const own = lines.slice(0, -LEFT_OUT.length - 1);
  const prunes = !own.some((line) => line.trim().startsWith('!'));
  const found: string[][] = [];
  const walk = (path: string): void => {
    const isOut = path !== '' && ignored.ignores(path);
    if (isOut && (prunes || LEFT_OUT.includes(path))) return;
    const full = join(folder, path);
    const about = lstatSync(full, { throwIfNoEntry: false });
    if (!about) return;
    if (about.isDirectory())
      for (const name of readdirSync(full).sort()) walk(path === '' ? name : `${path}/${name}`);
    else if (!isOut && (about.isFile() || about.isSymbolicLink()))
      found.push([path, String(about.mode & 0o111), about.isFile() ? digestOf(full) : readlinkSync(full)]);
  };
  for (const source of sources ?? ['']) orFileFailed('read', join(folder, source), () => walk(source));
  return found;
}

function digestOf(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

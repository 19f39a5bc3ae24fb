import { createHash } from 'node:crypto';
import { existsSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Blueprint } from '../catalog/blueprint.js';
import { lookupOf } from '../catalog/lookup.js';
import { GatherError } from '../output/errors.js';
import { ensureFolder, orFileFailed, readIfThere, writeAtomic } from '../project/files.js';
import { assertInside } from '../project/inside.js';
import { FILES, type Project } from '../project/project.js';
import { filePlaces } from '../render/files.js';
import { namesWithoutValue } from '../render/passed-names.js';
import { type RenderedFile, renderProject } from '../render/project-files.js';
import { ignoreSecrets } from './gitignore.js';
import { isGenerated, leftovers, rememberRendered } from './leftovers.js';

/** A generated file that does not have the bytes it should have, or should not be there. */
export interface Stale {
  file: RenderedFile;
  why: 'missing' | 'out of date' | 'changed by hand' | 'left over';
}

/** What became of the generated files: their paths. */
export interface Rewritten {
  written: string[];
  removed: string[];
}

/** Every generated file of the project that is not in step with gather.yaml and `.env`. */
export function staleFiles(project: Project, blueprint: Blueprint): Stale[] {
  const env = project.hasEnv ? (name: string) => project.env.get(name) : undefined;
  const names = project.hasEnv ? project.env.names() : committedNames(project, blueprint);
  const rendered = renderProject(blueprint, env, names);
  return [...leftOver(project, blueprint), ...emptyFolders(project, blueprint), ...rendered.flatMap(staleOf)];

  function staleOf(file: RenderedFile): Stale[] {
    const sealed = file.unsealed ? file : { ...file, text: seal(file.text) };
    const present = readIfThere(join(project.folder, file.path));
    if (present === sealed.text && !isTooOpen(join(project.folder, file.path), file.mode)) return [];
    if (file.yields && present !== undefined && !isGenerated(present)) return [];
    return [
      {
        file: sealed,
        why:
          present === undefined
            ? 'missing'
            : file.unsealed || isSealed(present)
              ? 'out of date'
              : 'changed by hand',
      },
    ];
  }
}

/** What nothing is rendered for any more. One that a person has changed stays. */
function leftOver(project: Project, blueprint: Blueprint): Stale[] {
  return leftovers(project, blueprint)
    .filter((path) => isSealed(readIfThere(join(project.folder, path)) ?? ''))
    .map((path) => ({ file: { path, text: '', mode: 0o644 }, why: 'left over' }));
}

/** A folder with a file for each offer is mounted, also while nobody offers anything. Git keeps no empty folder: in CI it may be missing. */
function emptyFolders({ folder, env, hasEnv }: Project, blueprint: Blueprint): Stale[] {
  if (!hasEnv) return [];
  const { files, folders } = filePlaces(blueprint, lookupOf(blueprint, env));
  return folders
    .filter((path) => !files.some((file) => file.startsWith(path)) && !existsSync(join(folder, path)))
    .map((path) => ({ file: { path, text: '', mode: 0o755 }, why: 'missing' }));
}

/** A file with a password in it that others of this machine may read, as an editor or an unpacked archive leaves it. */
function isTooOpen(path: string, mode: number): boolean {
  return mode === 0o600 && (statSync(path).mode & 0o077) !== 0;
}

/** In CI there is no `.env` to say which variables `passes` hands on: those that the committed compose.yaml hands on count. */
function committedNames({ folder }: Project, blueprint: Blueprint): string[] {
  const services = blueprint.components.flatMap((component) => Object.keys(component.passes));
  return namesWithoutValue(readIfThere(join(folder, FILES.compose)) ?? '', services);
}

/**
 * Writes the generated files that are out of step, and removes those that nothing is rendered for any more. Throws OUT_OF_DATE for one
 * that a person has changed, unless forced: what they wrote would be lost.
 */
export function writeStale(project: Project, stale: Stale[], force = false): Rewritten {
  const edited = stale.filter((one) => one.why === 'changed by hand');
  if (edited.length && !force)
    throw new GatherError(
      'OUT_OF_DATE',
      `${edited.map((one) => one.file.path).join(', ')}: changed by hand, which the next rendering would undo`,
      {
        where: { file: join(project.folder, edited[0]?.file.path ?? '') },
        hints: [
          'move your changes to compose.override.yaml, which Compose reads by itself',
          'gather render --force writes it anew',
        ],
      },
    );
  for (const { file } of stale) assertInside(project.folder, join(project.folder, file.path));
  keepFromGit(project, stale);
  const pathsOf = (all: Stale[]) => all.map(({ file }) => file.path);
  const written = stale.filter(({ why }) => why !== 'left over');
  const removed = pathsOf(stale.filter(({ why }) => why === 'left over'));
  for (const { file } of written) {
    const isFolder = file.path.endsWith('/');
    ensureFolder(join(project.folder, file.path, isFolder ? '.' : '..'));
    if (isFolder) continue;
    writeAtomic(join(project.folder, file.path), file.text, { mode: file.mode });
  }
  for (const path of removed) removeFile(join(project.folder, path));
  const files = pathsOf(written).filter((path) => !path.endsWith('/'));
  rememberRendered(project.folder, files, removed);
  return { written: pathsOf(written), removed };
}

function removeFile(path: string): void {
  orFileFailed('remove', path, () => rmSync(path));
}

/** Before a file with secrets is written, git is told to leave it alone: a component may have come since `gather init`. */
function keepFromGit({ folder }: Project, stale: Stale[]): void {
  const secrets = stale.filter(({ file }) => file.mode === 0o600).map(({ file }) => file.path);
  const path = join(folder, FILES.gitignore);
  const ignored = secrets.length ? ignoreSecrets(readIfThere(path), secrets) : undefined;
  if (ignored === undefined) return;
  assertInside(folder, path);
  writeAtomic(path, ignored);
}

/** How the languages of generated files begin and end a comment. */
const COMMENTS = [
  ['#', ''],
  ['--', ''],
  ['<!--', ' -->'],
] as const;

/** Puts a digest of the text into its second line, by which a change by hand shows later. */
export function seal(text: string): string {
  const [first = '', ...rest] = text.split('\n');
  const [before, after] = COMMENTS.find(([mark]) => first.startsWith(mark)) ?? ['#', ''];
  return [first, `${before} digest ${digest(text)}${after}`, ...rest].join('\n');
}

function isSealed(text: string): boolean {
  const lines = text.split('\n');
  const recorded = /^(?:#|--|<!--) digest ([0-9a-f]{16})(?: -->)?$/.exec(lines[1] ?? '')?.[1];
  return recorded !== undefined && recorded === digest([lines[0], ...lines.slice(2)].join('\n'));
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

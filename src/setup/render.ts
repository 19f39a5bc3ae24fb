import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Blueprint } from '../catalog/resolve.js';
import { GatherError } from '../output/errors.js';
import { ensureFolder, readIfThere, writeAtomic } from '../project/files.js';
import { FILES, type Project } from '../project/project.js';
import { namesWithoutValue } from '../render/passed-names.js';
import { type RenderedFile, renderProject } from '../render/project-files.js';

/** A generated file that does not have the bytes it should have. */
export interface Stale {
  file: RenderedFile;
  why: 'missing' | 'out of date' | 'changed by hand';
}

/** Every generated file of the project that is not in step with gather.yaml and `.env`. */
export function staleFiles(project: Project, blueprint: Blueprint): Stale[] {
  const env = project.hasEnv ? (name: string) => project.env.get(name) : undefined;
  const names = project.hasEnv ? project.env.names() : committedNames(project, blueprint);
  return renderProject(blueprint, env, names).flatMap((file): Stale[] => {
    const sealed = { ...file, text: seal(file.text) };
    const present = readIfThere(join(project.folder, file.path));
    if (present === sealed.text) return [];
    return [
      {
        file: sealed,
        why: present === undefined ? 'missing' : isSealed(present) ? 'out of date' : 'changed by hand',
      },
    ];
  });
}

/** In CI there is no `.env` to say which variables `passes` hands on: those that the committed compose.yaml hands on count. */
function committedNames({ folder }: Project, blueprint: Blueprint): string[] {
  const services = blueprint.components.flatMap((component) => Object.keys(component.passes));
  return namesWithoutValue(readIfThere(join(folder, FILES.compose)) ?? '', services);
}

/**
 * Writes the generated files that are out of step. Throws OUT_OF_DATE for one that a person has changed, unless forced:
 * what they wrote would be lost. Returns the paths that were written.
 */
export function writeStale(project: Project, stale: Stale[], force = false): string[] {
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
  for (const { file } of stale) {
    ensureFolder(join(project.folder, file.path, '..'));
    writeAtomic(join(project.folder, file.path), file.text, { mode: file.mode });
  }
  return stale.map((one) => one.file.path);
}

/** Puts a digest of the text into its second line, by which a change by hand shows later. */
export function seal(text: string): string {
  const [first = '', ...rest] = text.split('\n');
  const comment = first.startsWith('--') ? '-- ' : '# ';
  return [first, `${comment}digest ${digest(text)}`, ...rest].join('\n');
}

function isSealed(text: string): boolean {
  const lines = text.split('\n');
  const recorded = /^(?:#|--) digest ([0-9a-f]{16})$/.exec(lines[1] ?? '')?.[1];
  return recorded !== undefined && recorded === digest([lines[0], ...lines.slice(2)].join('\n'));
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

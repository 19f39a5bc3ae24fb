import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Build, tagDigest } from './build-plan.js';
import { bytesDigest } from './folder.js';

/** Steps of one Dockerfile: the engine's storage takes 127 layers in all. */
const MOST = 20;

/**
 * Bytes of a step that is worth keeping: a smaller one is done again with the next line, in about a second. A step on a new
 * image costs more with BuildKit 0.13 to 0.15 (Docker 26 to 27.1), which reads every file of it because the step has secrets
 * (moby/buildkit pull request 5251); on one that had a step before, it remembers.
 */
const WORTH_KEEPING = 20_000_000;

const REST = 'gather.without-requirements';
const HISTORY = 'gather.requirements';

/** An address with a login in it: the labels of an image are no place for one. */
const LOGIN = /https?:\/\/[^/\s]*@/;

/** The last step of the Dockerfile, which is repeated for each text of requirements.txt. */
const STEP = /\nRUN [^\n]*(?:\\\n[^\n]*)*requirements\.txt[^\n]*\n*$/;

/** The image that a project has now. */
export interface PresentImage {
  labels: Record<string, string>;
  /** Bytes of its last layer. */
  lastLayer: number;
}

/**
 * The build of an image with requirements.txt, in as many steps as the file has grown in since the image that the project has
 * now: BuildKit finds the earlier ones in its cache, so that one more package costs seconds and not all packages anew. Begins
 * again with one step when a line of a kept step is gone, or when anything else has changed.
 */
export function inSteps(build: Build, present?: PresentImage): Build {
  const { 'requirements.txt': file, ...others } = build.files;
  if (file === undefined || build.dockerfile) return build;
  const text = readFileSync(join(build.folder, 'Dockerfile'), 'utf8');
  const step = STEP.exec(text)?.[0];
  if (step === undefined) return build;
  const requirements = file.toString();
  const rest = tagDigest([
    ...Object.entries(others).map(([name, content]) => [name, bytesDigest(content)]),
    ...Object.entries(build.bases).map((base) => ['base', ...base]),
    ['folder', build.folderDigest ?? ''],
    ...Object.entries(build.args),
  ]);
  const kept = present?.labels[REST] === rest ? keptSteps(present) : [];
  const last = kept.at(-1);
  const goesOn = last !== undefined && kept.length < MOST && isGrown(last, requirements);
  const history = goesOn ? [...kept, requirements] : [requirements];
  const files = Object.fromEntries(history.map((text, i) => [`requirements-${i + 1}.txt`, text]));
  return {
    ...build,
    files: { ...others, ...files, Dockerfile: repeated(text, step, history.length) },
    labels: LOGIN.test(requirements) ? {} : { [REST]: rest, [HISTORY]: JSON.stringify(history) },
  };
}

function repeated(dockerfile: string, step: string, times: number): string {
  const numbered = Array.from({ length: times }, (_, i) =>
    step.replace('source=requirements.txt', `source=requirements-${i + 1}.txt`),
  );
  return dockerfile.replace(STEP, '') + numbered.join('');
}

function keptSteps({ labels, lastLayer }: PresentImage): string[] {
  const history = historyOf(labels[HISTORY]);
  return lastLayer < WORTH_KEEPING ? history.slice(0, -1) : history;
}

function historyOf(label: string | undefined): string[] {
  try {
    const history: unknown = JSON.parse(label ?? '[]');
    return Array.isArray(history) ? history.map(String) : [];
  } catch {
    return [];
  }
}

function isGrown(before: string, now: string): boolean {
  const lines = new Set(linesOf(now));
  return linesOf(before).every((line) => lines.has(line));
}

function linesOf(requirements: string): string[] {
  return requirements
    .split(/\r?\n/)
    .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
    .filter(Boolean);
}

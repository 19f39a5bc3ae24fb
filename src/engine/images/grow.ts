import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Build, digest } from './plan.js';

/** Steps of one Dockerfile: the engine's storage takes 127 layers in all. */
const MOST = 20;

const REST = 'gather.without-requirements';
const HISTORY = 'gather.requirements';

/** The last step of the Dockerfile, which is repeated for each text of requirements.txt. */
const STEP = /\nRUN [^\n]*(?:\\\n[^\n]*)*requirements\.txt[^\n]*\n*$/;

/**
 * The build of an image with requirements.txt, in as many steps as the file has grown in since the image that the project has
 * now: BuildKit finds the earlier ones in its cache, so that one more package costs seconds and not all packages anew. Begins
 * again with one step when a line is gone, or when anything else has changed.
 * @param labels of the present image; none when there is no such image.
 */
export function inSteps(build: Build, labels: Record<string, string>): Build {
  const { 'requirements.txt': requirements, ...others } = build.files;
  if (requirements === undefined || build.dockerfile) return build;
  const rest = digest([
    ...Object.entries(others),
    ['base', build.base.image],
    ['folder', build.folderDigest ?? ''],
    ...Object.entries(build.args),
  ]);
  const before = labels[REST] === rest ? historyOf(labels[HISTORY]) : [];
  const last = before.at(-1);
  const goesOn = last !== undefined && before.length < MOST && isGrown(last, requirements);
  const history = goesOn ? [...before, requirements] : [requirements];
  const files = Object.fromEntries(history.map((text, i) => [`requirements-${i + 1}.txt`, text]));
  return {
    ...build,
    files: { ...others, ...files, Dockerfile: dockerfile(build.folder, history.length) },
    labels: { [REST]: rest, [HISTORY]: JSON.stringify(history) },
  };
}

function dockerfile(folder: string, steps: number): string {
  const text = readFileSync(join(folder, 'Dockerfile'), 'utf8');
  const step = STEP.exec(text)?.[0] ?? '';
  const numbered = Array.from({ length: steps }, (_, i) =>
    step.replace('source=requirements.txt', `source=requirements-${i + 1}.txt`),
  );
  return text.replace(STEP, '') + numbered.join('');
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

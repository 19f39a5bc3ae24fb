import { join } from 'node:path';
import { dockerLines } from '../engine/docker-lines.js';
import type { Engine } from '../engine/engine.js';
import { clearAbandoned, tempFolder } from '../machine/temp-folder.js';
import { cancelled } from '../output/cancelled.js';
import { GatherError } from '../output/errors.js';
import type { Reporter } from '../output/events.js';
import { lastLines } from '../output/text.js';
import type { Build } from './build-plan.js';
import { collectSecrets } from './build-secrets/collect.js';
import { type Host, thisMachine } from './build-secrets/host.js';
import { fillContext } from './context-folder.js';

/** A build that was killed leaves its folder behind, with the passwords of package indexes in it: the next one clears it. */
const FOLDER = 'gather-build-';

/** What a build is done with; tests hand in others. */
export interface BuildTools {
  run: typeof dockerLines;
  host: Host;
}

/**
 * Builds one image with BuildKit and tells its progress. Throws IMAGE_FAILED with the step that failed, its last lines,
 * and the package where that is known, CANCELLED after `signal`.
 */
export async function buildImage(
  engine: Engine,
  build: Build,
  title: string,
  report: Reporter,
  signal?: AbortSignal,
  tools: BuildTools = { run: dockerLines, host: thisMachine() },
): Promise<void> {
  clearAbandoned(FOLDER);
  const temporary = tempFolder(FOLDER);
  const context = join(temporary.path, 'context');
  const started = Date.now();
  try {
    fillContext(context, build);
    const secrets = await collectSecrets(join(temporary.path, 'secrets'), tools.host);
    const place = build.dockerfile ? ['--file', join(context, build.dockerfile), build.folder] : [context];
    const args = ['buildx', 'build', ...buildArgs(build, secrets), ...place];
    const progress = new BuildProgress();
    const tell = (line: string) => {
      const text = progress.read(line);
      if (text) report.event({ type: 'progress', subject: title, text });
    };
    const { exitCode, isCanceled, lines } = await tools.run(engine, args, tell, signal);
    if (isCanceled) throw cancelled(`the build of ${title} was stopped; what is done stays in the cache`);
    if (exitCode !== 0) throw buildFailed(build, title, lines);
    report.event({ type: 'progress-done', subject: title, seconds: (Date.now() - started) / 1000 });
  } finally {
    temporary.dispose();
  }
}

function buildArgs(build: Build, secrets: string[]): string[] {
  return [
    '--progress=plain',
    '--provenance=false',
    '--load',
    '--tag',
    build.tag,
    '--label',
    `gather.image=${build.tag}`,
    ...Object.entries(build.labels ?? {}).flatMap(([name, text]) => ['--label', `${name}=${text}`]),
    ...Object.entries(build.bases).flatMap(([name, image]) => [
      '--build-context',
      `${name}=docker-image://${image}`,
    ]),
    ...Object.entries(build.args).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]),
    ...secrets,
  ];
}

/** BuildKit's plain progress as a person wants it: `#7 [3/9] RUN x`, `#7 3.2 Installed 104 packages` → `3/9 Installed 104 packages`. */
export class BuildProgress {
  /** Number of the vertex → its step, such as `3/9`. */
  private readonly steps = new Map<string, string>();

  /** What a line tells, if it tells anything. */
  read(line: string): string | undefined {
    const [, vertex = '', said = ''] = /^#(\d+) (?:[\d.]+ )?(.+)$/.exec(line) ?? [];
    const [head = '', step] = /^\[(?:[\w.-]+ )?\s*(\d+\/\d+)\]\s*/.exec(said) ?? [];
    if (step) this.steps.set(vertex, step);
    const text = said.slice(head.length).trim();
    if (
      !text ||
      /^(DONE|CACHED|sha256:|transferring|exporting|resolve|naming|writing|\[internal\])/.test(text)
    )
      return undefined;
    const at = this.steps.get(vertex);
    return `${at ? `${at} ` : ''}${text}`.slice(0, 100);
  }
}

function buildFailed(build: Build, title: string, lines: string[]): GatherError {
  const said = lines
    .map((line) => line.replace(/^#\d+ [\d.]+ /, ''))
    .filter((line) => !/^#\d+ |^-+$|^\s*$|^>>>|^\s*\d+ \|/.test(line));
  const text = said.join('\n');
  const culprit =
    /(?:no version of|Because) ([A-Za-z0-9_.-]+(?:[=<>!~]=?[\w.*]+)?) (?:was not found|in the package registry)/.exec(
      text,
    )?.[1] ??
    /there (?:is|are) no versions? of ([A-Za-z0-9_.-]+(?:[=<>!~]=?[\w.*]+)?)/.exec(text)?.[1] ??
    /(?:Failed to (?:build|download|fetch)) [`']?([A-Za-z0-9_.-]+(?:==[\w.]+)?)/.exec(text)?.[1] ??
    /(?:Unable to locate package|no repository has|No matching version found for) (\S+?)\.?(?:\s|$)/.exec(
      text,
    )?.[1];
  const line = /Dockerfile:(\d+)$/m.exec(lines.join('\n'))?.[1];
  const where =
    build.dockerfile && line ? { file: join(build.folder, build.dockerfile), line: Number(line) } : undefined;
  const noSpace = /no space left on device/i.test(text);
  return new GatherError(
    'IMAGE_FAILED',
    `the image ${title} cannot be built${culprit ? `: ${culprit} cannot be installed` : ''}`,
    {
      where,
      details: lastLines(
        said
          .filter((line) => !/^(ERROR: failed to solve|Dockerfile:\d+|View build details)/.test(line))
          .join('\n'),
        20,
      ),
      hints: noSpace
        ? ['the engine has no disk space left: gather images prune, or docker system prune']
        : culprit
          ? [`correct ${culprit} in ${fileWith(build)}, then: gather up`]
          : ['gather images build tries again, and starts nothing'],
    },
  );
}

/** Where a person names packages. */
function fileWith({ dockerfile, files, folder }: Build): string {
  if (dockerfile) return dockerfile;
  return Object.keys(files).some((name) => /^requirements.*\.txt$/.test(name))
    ? 'requirements.txt'
    : join(folder, 'Dockerfile');
}

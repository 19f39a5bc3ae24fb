import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { DockerEnd } from '../../src/engine/docker-lines.js';
import type { Engine } from '../../src/engine/engine.js';
import { buildImage } from '../../src/images/build.js';
import type { Build } from '../../src/images/build-plan.js';
import { pullImage } from '../../src/images/pull.js';
import { GatherError } from '../../src/output/errors.js';
import type { Event } from '../../src/output/events.js';
import { type PlayHost, playHost } from './build-secrets/play-host.js';

const ENGINE = {} as Engine;
let host: PlayHost;
let events: Event[];
/** What docker was called with, and what lay in the context and the secrets then. */
let called: { args: string[]; context: string[]; secrets: string[] } | undefined;
const report = { event: (event: Event) => events.push(event), close: () => {} };

beforeEach(() => {
  host = playHost(
    { 'image/Dockerfile': 'FROM base\n', 'own/own.Dockerfile': 'FROM airflow\n', 'tmp/here': '' },
    { GOPROXY: 'https://me:s3cret@modules' },
  );
  vi.stubEnv('TMPDIR', join(host.folder, 'tmp'));
  events = [];
  called = undefined;
});
afterEach(() => vi.unstubAllEnvs());

const build = (change: Partial<Build> = {}): Build => ({
  tag: 'localhost/gather/x:1',
  folder: join(host.folder, 'image'),
  files: { 'requirements.txt': 'a\n' },
  args: { VERSION: '1' },
  bases: { base: 'b:1' },
  ...change,
});

/** A docker that says some lines and ends. */
function docker(end: Partial<DockerEnd> & { lines: string[] }) {
  return async (_: Engine, args: string[], tell: (line: string) => void): Promise<DockerEnd> => {
    const context = args.at(-1) ?? '';
    const secrets = args.flatMap((arg) => /^id=[\w-]+,src=(.*)$/.exec(arg)?.[1] ?? []);
    called = {
      args,
      context: existsSync(context) ? readdirSync(context).sort() : [],
      secrets: secrets.map((file) => readFileSync(file, 'utf8')),
    };
    for (const line of end.lines) tell(line);
    return { exitCode: 0, isCanceled: false, ...end };
  };
}

async function failure(lines: string[], change: Partial<Build> = {}): Promise<GatherError> {
  const run = docker({ exitCode: 1, lines });
  try {
    await buildImage(ENGINE, build(change), 'x', report, undefined, { run, host });
  } catch (error) {
    if (error instanceof GatherError) return error;
    throw error;
  }
  throw new Error('the build did not fail');
}

describe('a build', () => {
  test('has its folder, files, arguments, bases and secrets, and leaves nothing behind', async () => {
    const run = docker({ lines: ['#7 [3/9] RUN x'] });
    await buildImage(ENGINE, build({ labels: { a: 'b' } }), 'x', report, undefined, { run, host });
    const { args = [], context, secrets } = called ?? {};
    expect(args.slice(0, 2)).toEqual(['buildx', 'build']);
    expect(args.join(' ')).toContain(
      '--tag localhost/gather/x:1 --label gather.image=localhost/gather/x:1 --label a=b --build-context base=docker-image://b:1 --build-arg VERSION=1 --secret id=go-env,src=',
    );
    expect(args.join(' ')).not.toContain('s3cret');
    expect(context).toEqual(['Dockerfile', 'requirements.txt']);
    expect(secrets).toEqual(["export GOPROXY='https://me:s3cret@modules'\n"]);
    expect(events).toEqual([
      { type: 'progress', subject: 'x', text: '3/9 RUN x' },
      { type: 'progress-done', subject: 'x', seconds: expect.any(Number) as number },
    ]);
    expect(readdirSync(join(host.folder, 'tmp'))).toEqual(['here']);
  });

  test("of a person's Dockerfile reads their folder where it is", async () => {
    const own = { dockerfile: 'own.Dockerfile', files: { 'own.Dockerfile': 'FROM airflow\n' } };
    const folder = join(host.folder, 'own');
    const run = docker({ lines: [] });
    await buildImage(ENGINE, build({ ...own, folder }), 'x', report, undefined, { run, host });
    const { args = [] } = called ?? {};
    expect(args.at(-1)).toBe(folder);
    expect(args[args.indexOf('--file') + 1]).toMatch(/\/gather-build-\d+-\w+\/context\/own\.Dockerfile$/);
  });

  test('clears what one that was killed left behind', async () => {
    const left = join(host.folder, 'tmp/gather-build-999999999-abc');
    mkdirSync(left);
    writeFileSync(join(left, 'go-env'), 's3cret');
    await buildImage(ENGINE, build(), 'x', report, undefined, { run: docker({ lines: [] }), host });
    expect(existsSync(left)).toBe(false);
    rmSync(left, { recursive: true, force: true });
  });

  test('that Ctrl-C ended is CANCELLED', async () => {
    const run = docker({ exitCode: undefined, isCanceled: true, lines: [] });
    await expect(buildImage(ENGINE, build(), 'x', report, undefined, { run, host })).rejects.toMatchObject({
      code: 'CANCELLED',
    });
    expect(readdirSync(join(host.folder, 'tmp'))).toEqual(['here']);
  });
});

describe('a build that fails', () => {
  test.each([
    ['#9 2.1 E: Unable to locate package nowhere', 'nowhere'],
    ['#9 2.1 Because polars==9 was not found in the package registry and', 'polars==9'],
    ['#9 2.1 maven-fetch: no repository has a.b:c:1:tar.gz', 'a.b:c:1:tar.gz'],
    ['#9 2.1 npm error notarget No matching version found for is-number@99.', 'is-number@99'],
  ])('%j names what cannot be had', async (line, culprit) => {
    const error = await failure(['#9 [2/3] RUN x', line]);
    expect(error).toMatchObject({
      code: 'IMAGE_FAILED',
      message: `the image x cannot be built: ${culprit} cannot be installed`,
      hints: [`correct ${culprit} in requirements.txt, then: gather up`],
    });
    const other = await failure([line], { files: {} });
    expect(other.hints).toEqual([`correct ${culprit} in ${host.folder}/image/Dockerfile, then: gather up`]);
  });

  test("says the line of a person's Dockerfile and the last lines, and no more", async () => {
    const own = { dockerfile: 'own.Dockerfile', files: {}, folder: '/p' };
    const error = await failure(
      ['#9 2.1 make: no', '------', ' 3 | RUN make', 'own.Dockerfile:3', 'ERROR: failed to solve: x'],
      own,
    );
    expect(error).toMatchObject({
      where: { file: '/p/own.Dockerfile', line: 3 },
      details: ['make: no', 'own.Dockerfile:3'],
      hints: ['gather images build tries again, and starts nothing'],
    });
  });

  test('for want of space says so', async () => {
    expect((await failure(['#9 1.0 write /x: no space left on device'])).hints).toEqual([
      'the engine has no disk space left: gather images prune, or docker system prune',
    ]);
  });
});

describe('a pull', () => {
  test.each([
    ['manifest unknown', false],
    ['Get "https://r/v2/": dial tcp 127.0.0.1:1: connect: connection refused', true],
  ])('%j: the registry did not answer: %s', async (line, unreachable) => {
    const run = docker({ exitCode: 1, lines: ['Pulling', line] });
    expect(await pullImage(ENGINE, 'a:1', report, undefined, run)).toEqual({
      pulled: false,
      problem: line,
      unreachable,
    });
    expect(called?.args).toEqual(['pull', 'a:1']);
  });

  test('tells what it does', async () => {
    expect(await pullImage(ENGINE, 'a:1', report, undefined, docker({ lines: ['half'] }))).toEqual({
      pulled: true,
    });
    expect(events.map((event) => ('text' in event ? event.text : event.type))).toEqual([
      'asking the registry',
      'half',
      'progress-done',
    ]);
  });

  test('that Ctrl-C ended is CANCELLED', async () => {
    const run = docker({ exitCode: undefined, isCanceled: true, lines: [] });
    await expect(pullImage(ENGINE, 'a:1', report, undefined, run)).rejects.toMatchObject({
      code: 'CANCELLED',
    });
  });
});

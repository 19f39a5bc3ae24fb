import type { Blueprint } from '../../catalog/blueprint.js';
import type { EngineApi } from '../../engine/api.js';
import { GatherError } from '../../output/errors.js';
import type { StackContainer } from '../observe/containers.js';
import { lastLogLines } from '../observe/last-lines.js';

/** A line that fits, what it means, and what helps. */
export interface Cause {
  pattern: RegExp;
  means: string;
  hints: string[];
}

/** What the engine, or Compose for it, says when it cannot do something; also programs say it. */
const OF_ENGINE: Cause[] = [
  {
    pattern: /No space left on device/i,
    means: "the engine's disk is full",
    hints: ['gather images prune', 'docker system df'],
  },
  {
    pattern: /non-overlapping IPv4 address pool/,
    means: 'the engine has no address range left for another network',
    hints: [
      'docker network prune takes away the networks of stacks that are gone',
      'gather down in a project that is not needed now',
    ],
  },
  {
    pattern: /exec format error/i,
    means: 'the image was made for another processor architecture',
    hints: ['gather images build'],
  },
];

/** What components know of lines in logs, compiled. */
export function causesOf({ components }: Blueprint): Cause[] {
  return components.flatMap(({ causes }) =>
    causes.map(({ says, means, try: hints }) => ({ pattern: new RegExp(says, 'i'), means, hints })),
  );
}

/** What the last lines of a program mean, where that is known. */
export function knownCause(text: string, causes: Cause[]): { means: string; hints: string[] } | undefined {
  return [...OF_ENGINE, ...causes].find(({ pattern }) => pattern.test(text));
}

/** The same of what the engine says: its "permission denied" is not that of a program. */
export function engineCause(text: string): { means: string; hints: string[] } | undefined {
  return OF_ENGINE.find(({ pattern }) => pattern.test(text));
}

/** Exit code of a process that SIGKILL ended. */
const KILLED = 137;

/** A container that ended the wait. */
export interface Failure {
  container: StackContainer;
  reason: 'exited' | 'stopped' | 'out of memory' | 'unhealthy' | 'not started';
  exitCode: number | undefined;
  /** What the engine says of a container that it could not start. */
  said?: string;
}

/** The error for a stack that does not come up: which container, why, its last lines, who waited for it, what to do. */
export async function explainFailure(
  docker: EngineApi,
  failure: Failure,
  waiting: string[],
  causes: Cause[],
  clean: (text: string) => string,
): Promise<GatherError> {
  const { container, reason, exitCode, said } = failure;
  if (said !== undefined) return notStarted(container, clean(said), waiting);
  const lines = (await lastLogLines(docker, container.id, 20).catch(() => [])).map(clean);
  const health = reason === 'unhealthy' ? await lastHealthOutput(docker, container.id) : [];
  // what a container that others ended said before has nothing to do with its end
  const isOwnEnd = reason === 'unhealthy' || (reason === 'exited' && exitCode !== KILLED);
  const known = isOwnEnd ? knownCause([...lines, ...health].join('\n'), causes) : undefined;
  const how = inWords(failure);
  return new GatherError('STACK_UNHEALTHY', `${container.label} ${how}${known ? `: ${known.means}` : ''}`, {
    details: [
      ...(waiting.length ? [`waiting for it: ${waiting.join(', ')}`] : []),
      ...health.map((line) => `health check: ${clean(line)}`),
      ...(lines.length ? ['its last lines:', ...lines.map((line) => `| ${line}`)] : ['it wrote nothing']),
    ],
    hints: [
      ...(known?.hints ?? []),
      `gather logs ${container.service}`,
      `gather restart ${container.service}`,
    ].slice(0, 3),
  });
}

/** It has never run: there is no log to look at. */
function notStarted({ label }: StackContainer, said: string, waiting: string[]): GatherError {
  const known = engineCause(said);
  return new GatherError(
    'STACK_UNHEALTHY',
    `${label} could not be started${known ? `: ${known.means}` : ''}`,
    {
      details: [
        ...(waiting.length ? [`waiting for it: ${waiting.join(', ')}`] : []),
        `the engine says: ${said}`,
      ],
      hints: [...(known?.hints ?? []), 'gather up tries it again', 'gather status'].slice(0, 3),
    },
  );
}

function inWords({ reason, exitCode }: Failure): string {
  if (reason === 'unhealthy') return 'runs, but its health check fails';
  if (reason === 'stopped')
    return exitCode === KILLED ? 'was killed from outside' : 'was stopped from outside';
  if (reason === 'out of memory' && exitCode === undefined)
    return 'has too little memory: the kernel killed a process in it';
  if (reason === 'out of memory' || exitCode === KILLED)
    return 'was killed, most likely for want of memory (exit code 137)';
  return `ended with exit code ${exitCode ?? '?'}`;
}

async function lastHealthOutput(docker: EngineApi, id: string): Promise<string[]> {
  const info = await docker.inspectContainer(id).catch(() => undefined);
  const output = info?.State.Health?.Log?.at(-1)?.Output ?? '';
  return output
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
    .slice(-3);
}

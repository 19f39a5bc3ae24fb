import { GatherError } from '../../output/errors.js';
import type { Reporter } from '../../output/events.js';
import { lastLines, toolEnv } from '../compose.js';
import type { Engine } from '../engine.js';

export type PullOutcome = { pulled: true } | { pulled: false; problem: string; unreachable: boolean };

/** What docker says when it did not get as far as a registry. */
const UNREACHABLE =
  /dial tcp|no such host|timeout|deadline exceeded|connection refused|network is unreachable|i\/o timeout|TLS handshake|x509|EOF|server misbehaving|proxyconnect|Service Unavailable/i;

/** Pulls an image with the docker CLI, which knows the person's logins. Does not throw: what went wrong may not matter. */
export async function pullImage(
  engine: Engine,
  image: string,
  report: Reporter,
  signal?: AbortSignal,
): Promise<PullOutcome> {
  const { execa } = await import('execa');
  const started = Date.now();
  const lines: string[] = [];
  report.event({ type: 'progress', subject: image, text: 'asking the registry' });
  const process = execa(engine.docker, ['pull', image], {
    env: toolEnv(engine),
    extendEnv: false,
    reject: false,
    stdin: 'ignore',
    all: true,
    buffer: false,
    ...(signal ? { cancelSignal: signal } : {}),
  });
  for await (const line of process.iterable({ from: 'all' })) {
    lines.push(String(line));
    report.event({ type: 'progress', subject: image, text: String(line).trim() });
  }
  const { exitCode, isCanceled } = await process;
  if (isCanceled) throw new GatherError('CANCELLED', `pulling ${image} was stopped`, { exitCode: 130 });
  if (exitCode === 0) {
    report.event({ type: 'progress-done', subject: image, seconds: (Date.now() - started) / 1000 });
    return { pulled: true };
  }
  const problem = lastLines(lines.join('\n'), 1)[0] ?? 'no answer';
  return { pulled: false, problem, unreachable: UNREACHABLE.test(problem) };
}

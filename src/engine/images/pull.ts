import type { Reporter } from '../../output/events.js';
import { cancelled } from '../cancel.js';
import { lastLines, toolEnv } from '../compose.js';
import type { Engine } from '../engine.js';
import { withoutPasswords } from '../passwords.js';

export type PullOutcome = { pulled: true } | { pulled: false; problem: string; unreachable: boolean };

/** What docker says when it did not get as far as a registry. */
const UNREACHABLE =
  /dial tcp|no such host|timeout|deadline exceeded|connection refused|network is unreachable|i\/o timeout|TLS handshake|x509|EOF|server misbehaving|proxyconnect|Service Unavailable/i;

/** Pulls an image with the docker CLI, which knows the person's logins. Throws only CANCELLED: what went wrong may not matter. */
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
  for await (const raw of process.iterable({ from: 'all' })) {
    const line = withoutPasswords(String(raw));
    lines.push(line);
    report.event({ type: 'progress', subject: image, text: line.trim() });
  }
  const { exitCode, isCanceled } = await process;
  if (isCanceled) throw cancelled(`pulling ${image} was stopped`);
  if (exitCode === 0) {
    report.event({ type: 'progress-done', subject: image, seconds: (Date.now() - started) / 1000 });
    return { pulled: true };
  }
  const problem = lastLines(lines.join('\n'), 1)[0] ?? 'no answer';
  return { pulled: false, problem, unreachable: UNREACHABLE.test(problem) };
}

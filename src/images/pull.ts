import { dockerLines } from '../engine/docker-lines.js';
import type { Engine } from '../engine/engine.js';
import { cancelled } from '../output/cancelled.js';
import type { Reporter } from '../output/events.js';
import { lastLines } from '../output/text.js';

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
  run = dockerLines,
): Promise<PullOutcome> {
  const started = Date.now();
  report.event({ type: 'progress', subject: image, text: 'asking the registry' });
  const tell = (line: string) => report.event({ type: 'progress', subject: image, text: line.trim() });
  const { exitCode, isCanceled, lines } = await run(engine, ['pull', image], tell, signal);
  if (isCanceled) throw cancelled(`pulling ${image} was stopped`);
  if (exitCode === 0) {
    report.event({ type: 'progress-done', subject: image, seconds: (Date.now() - started) / 1000 });
    return { pulled: true };
  }
  const problem = lastLines(lines.join('\n'), 1)[0] ?? 'no answer';
  return { pulled: false, problem, unreachable: UNREACHABLE.test(problem) };
}

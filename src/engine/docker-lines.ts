import { withoutPasswords } from '../output/passwords.js';
import { toolEnv } from './compose.js';
import type { Engine } from './engine.js';
import { whileAnswering } from './while-answering.js';

/** How a docker command that tells its progress has ended, and every line it said, without passwords. */
export interface DockerEnd {
  exitCode: number | undefined;
  isCanceled: boolean;
  lines: string[];
}

/**
 * Runs a docker command that takes its time, such as a pull or a build, and hands each line on as it comes. Throws only when the
 * engine does not answer any more: ENGINE_FAILED.
 */
export async function dockerLines(
  engine: Engine,
  args: string[],
  onLine: (line: string) => void,
  signal: AbortSignal | undefined,
): Promise<DockerEnd> {
  const { execa } = await import('execa');
  return whileAnswering(engine, signal, async (cancelSignal) => {
    const running = execa(engine.docker, args, {
      env: toolEnv(engine),
      extendEnv: false,
      reject: false,
      stdin: 'ignore',
      all: true,
      buffer: false,
      cancelSignal,
      forceKillAfterDelay: 5000,
    });
    const lines: string[] = [];
    for await (const raw of running.iterable({ from: 'all' })) {
      const line = withoutPasswords(String(raw));
      lines.push(line);
      onLine(line);
    }
    const { exitCode, isCanceled } = await running;
    return { exitCode, isCanceled, lines };
  });
}

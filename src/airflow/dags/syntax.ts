import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from '../../engine/api.js';
import { stackName } from '../../engine/compose.js';
import { listContainers } from '../../stack/observe/containers.js';
import { foldedWanted } from '../../stack/observe/wanted.js';
import { type OpenProject, requireStack } from '../../stack/open.js';
import type { BrokenFile } from './dags.js';

/** Compiles what comes in without running any of it: 50 ms, for it imports nothing. */
const COMPILE = `
import sys
try:
    compile(sys.stdin.buffer.read(int(sys.argv[1])), "", "exec")
except (SyntaxError, ValueError) as error:
    print(getattr(error, "lineno", None) or "", "%s: %s" % (type(error).__name__, getattr(error, "msg", error)))
`;

/**
 * A check of a file below `folder` with the stack's own Python, for a word on it before Airflow reads it. The container gets its
 * text, for what lies there may be what was delivered last.
 */
export async function syntaxCheck(
  open: OpenProject,
  folder: string,
  signal: AbortSignal,
): Promise<(file: string) => Promise<Pick<BrokenFile, 'line' | 'message'> | undefined>> {
  const { engine } = await requireStack(open, signal);
  const docker = await connect(engine, signal);
  return async (file) => {
    const containers = await listContainers(docker, stackName(open.project), foldedWanted(open));
    const scheduler = containers.find((one) => one.service === open.blueprint.provides.scheduler);
    if (!scheduler) return undefined;
    const text = readFileSync(join(folder, file));
    const command = ['python', '-c', COMPILE, String(text.length)];
    const { stdout } = await docker.exec(scheduler.id, command, { timeoutMs: 5000, input: text });
    const [, line, message] = /^(\d*) (.+)/.exec(stdout.trim()) ?? [];
    return message ? { line: line ? Number(line) : undefined, message } : undefined;
  };
}

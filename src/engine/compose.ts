import type { Options } from 'execa';
import { cancelled } from '../output/cancelled.js';
import { GatherError } from '../output/errors.js';
import { lastLines } from '../output/text.js';
import type { Project } from '../project/project.js';
import { connect } from './api.js';
import type { Engine } from './engine.js';
import { whileAnswering } from './while-answering.js';

/** A stack as the compose CLI sees it: an engine and a project folder. */
export interface Stack {
  engine: Engine;
  project: Project;
  /** Compose profiles in use. */
  profiles: string[];
  /** Services of which no container is wanted. */
  without?: string[];
  /** Ends what Compose and the engine are asked on its behalf. */
  signal: AbortSignal | undefined;
}

/** The name under which Compose keeps the stack's containers. */
export function stackName(project: Project): string {
  return project.env.get('COMPOSE_PROJECT_NAME') ?? '';
}

/** The environment for docker and compose: what `.env` sets is not overruled by the shell that gather was called from. */
export function toolEnv(engine: Engine, project?: Project): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env, ...engine.env, DOCKER_CLI_HINTS: 'false' };
  for (const name of project?.env.names() ?? []) if (!(name in engine.env)) delete env[name];
  for (const name of ['COMPOSE_FILE', 'COMPOSE_PROFILES', 'COMPOSE_ENV_FILES']) delete env[name];
  return env;
}

/** The compose CLI and its arguments. It runs in the project's folder, where it finds compose.yaml and compose.override.yaml by itself. */
export function composeCommand({ engine, profiles }: Stack, args: string[]): [file: string, args: string[]] {
  const [file = '', ...first] = engine.compose;
  return [file, [...first, ...profiles.flatMap((profile) => ['--profile', profile]), ...args]];
}

/** How every compose command is run: in the project's folder, with no more of the shell's environment than it should see. */
export function composeOptions({ engine, project }: Stack) {
  return { cwd: project.folder, env: toolEnv(engine, project), extendEnv: false, reject: false } as const;
}

/** How a compose command has ended. */
export interface ComposeEnd {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** How long Compose has to end by itself once it is told to. */
const END_MS = 3000;

/**
 * Runs a compose command until it ends. Throws CANCELLED after the stack's signal, ENGINE_FAILED when the engine does not answer
 * meanwhile, or does not when the command has failed; Compose itself waits for an engine that is frozen for ever.
 */
export async function runCompose(stack: Stack, args: string[], options: Options = {}): Promise<ComposeEnd> {
  const { execa } = await import('execa');
  const result = await whileAnswering(stack.engine, stack.signal, async (cancelSignal) =>
    execa(...composeCommand(stack, args), {
      ...composeOptions(stack),
      ...options,
      cancelSignal,
      forceKillAfterDelay: END_MS,
    }),
  );
  if (stack.signal?.aborted) throw cancelled(`docker compose ${args[0]} was stopped`);
  if (result.exitCode !== 0) await (await connect(stack.engine, stack.signal)).listContainers();
  const { exitCode = 1, stdout, stderr } = result;
  return { exitCode, stdout: String(stdout ?? ''), stderr: String(stderr ?? '') };
}

/** Runs a short compose command and gives its stdout back. Throws ENGINE_FAILED with its last lines. */
export async function compose(stack: Stack, args: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await runCompose(stack, args, { stdin: 'ignore' });
  if (exitCode === 0) return stdout;
  throw new GatherError('ENGINE_FAILED', `docker compose ${args[0]} failed`, {
    details: lastLines(stderr, 10),
  });
}

/** Runs a compose command on the person's own terminal; gives back its exit code. */
export async function composeInherit(stack: Stack, args: string[]): Promise<number> {
  return (await runCompose(stack, args, { stdio: 'inherit' })).exitCode;
}

/** Runs a compose command that tells of its progress, on stderr: stdout is data. Gives back its exit code. */
export async function composeProgress(stack: Stack, args: string[]): Promise<number> {
  return (await runCompose(stack, args, { stdin: 'ignore', stdout: process.stderr, stderr: 'inherit' }))
    .exitCode;
}

/**
 * Runs a compose command for readers that are no terminal; gives back its exit code.
 * @param onLine takes each line that it prints; without it they go to stdout.
 */
export async function composeLines(
  stack: Stack,
  args: string[],
  onLine?: (line: string) => void,
  stdin: 'ignore' | 'inherit' = 'ignore',
): Promise<number> {
  function* lines(raw: unknown): Generator<string> {
    const line = withoutClearLine(String(raw));
    if (onLine) onLine(line);
    else yield line;
  }
  const stdout: Options['stdout'] = onLine ? [lines, 'pipe'] : [lines, 'inherit'];
  return (await runCompose(stack, args, { stdin, stdout, stderr: 'inherit', buffer: false })).exitCode;
}

/** Compose 2.26 begins each line of a log with the terminal's "clear line", whatever it writes to. */
function withoutClearLine(line: string): string {
  const clearLine = '\u001b[2K';
  return line.startsWith(clearLine) ? line.slice(clearLine.length) : line;
}

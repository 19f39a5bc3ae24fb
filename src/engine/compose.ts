import { GatherError } from '../output/errors.js';
import { lastLines } from '../output/text.js';
import type { Project } from '../project/project.js';
import type { Engine } from './engine.js';

/** A stack as the compose CLI sees it: an engine and a project folder. */
export interface Stack {
  engine: Engine;
  project: Project;
  /** Compose profiles in use. */
  profiles: string[];
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

/**
 * Runs a compose command and gives its stdout back. Throws ENGINE_FAILED with its last lines.
 * @param limitMs after which it is told to end; 0 for as long as it takes
 */
export async function compose(stack: Stack, args: string[], limitMs = 0): Promise<string> {
  const { execa } = await import('execa');
  const result = await execa(...composeCommand(stack, args), {
    ...composeOptions(stack),
    stdin: 'ignore',
    timeout: limitMs,
    forceKillAfterDelay: 1000,
  });
  if (result.exitCode === 0) return result.stdout;
  if (result.timedOut)
    throw new GatherError(
      'ENGINE_FAILED',
      `docker compose ${args[0]} did not end within ${limitMs / 1000} s`,
      {
        hints: ['gather engine status'],
      },
    );
  throw new GatherError('ENGINE_FAILED', `docker compose ${args[0]} failed`, {
    details: lastLines(String(result.stderr), 10),
  });
}

/** Runs a compose command on the person's own terminal; gives back its exit code. */
export async function composeInherit(stack: Stack, args: string[]): Promise<number> {
  const { execa } = await import('execa');
  const result = await execa(...composeCommand(stack, args), {
    ...composeOptions(stack),
    stdio: 'inherit',
  });
  return result.exitCode ?? 1;
}

/** Follows what a compose command prints, for readers that are no terminal; gives back its exit code. */
export async function composeLines(stack: Stack, args: string[]): Promise<number> {
  const { execa } = await import('execa');
  const result = await execa(...composeCommand(stack, args), {
    ...composeOptions(stack),
    stdio: ['ignore', [withoutClearLine, 'inherit'], 'inherit'],
  });
  return result.exitCode ?? 1;
}

/** Compose 2.26 begins each line of a log with the terminal's "clear line", whatever it writes to. */
function* withoutClearLine(line: unknown): Generator<string> {
  const clearLine = '\u001b[2K';
  yield String(line).startsWith(clearLine) ? String(line).slice(clearLine.length) : String(line);
}

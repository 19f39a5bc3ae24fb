import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { composeArgs, composeOptions, type Stack } from '../engine/compose.js';
import { ensureImages } from '../engine/images/ensure.js';
import { GatherError } from '../output/errors.js';
import type { Reporter } from '../output/events.js';
import { staleFiles, writeStale } from '../setup/render.js';
import { recordImages } from './machine-facts.js';
import { missingVariables } from './missing.js';
import { imageInputs, type OpenProject, openProject, requireStack } from './open.js';

/** A container of Airflow's image that lives for one command, beside the stack or without it. */
export interface Throwaway {
  /** Sees to the images; hands back the project as it is then. */
  stack: Stack;
  home: string;
  /** Airflow's major version. */
  major: number;
}

export interface ThrowawayOptions {
  /** Looks at the import of each DAG file first; its answer is the first line. */
  check: boolean;
  /** Runs after that, in /opt/airflow. */
  command: string[];
  /** Folders of the project that it sees beside those of Airflow, relative to it. */
  folders: string[];
  onLine(line: string): void;
  signal: AbortSignal;
}

/** Gets Airflow's image as gather.yaml and requirements.txt want it now, and what compose.yaml needs; the stack may be down. */
export async function throwaway(
  open: OpenProject,
  home: string,
  report: Reporter,
  signal: AbortSignal,
): Promise<Throwaway> {
  const missing = missingVariables(open);
  if (!open.project.hasEnv || missing.length > 0)
    throw new GatherError('ENV_INVALID', `.env lacks ${missing.join(', ')}`, { hints: ['gather init'] });
  writeStale(open.project, staleFiles(open.project, open.blueprint));
  const { engine } = await requireStack(open);
  const inputs = imageInputs(open);
  const airflow = { ...open.blueprint, images: open.blueprint.images.filter((image) => image.build) };
  const images = await ensureImages(
    { ...inputs, blueprint: airflow },
    { engine, report, signal, current: (name) => open.project.env.get(name) },
  );
  recordImages(open, engine, images);
  const fresh = openProject(open.project.folder, home);
  return {
    stack: await requireStack(fresh),
    home,
    major: Number(open.blueprint.airflow.split('.')[0]),
  };
}

/**
 * Runs a command in a container of its own with a metadata database of its own, made of SQLite, that goes with it: the
 * stack's is out of its reach. Gives back the command's exit code.
 */
export async function runThrowaway(
  { stack, home, major }: Throwaway,
  { check, command, folders, onLine, signal }: ThrowawayOptions,
): Promise<number> {
  const { execa } = await import('execa');
  const script = readFileSync(join(home, 'compose/checks/dags.py'), 'utf8');
  const environment = Object.entries(environmentOf(major)).flatMap(([name, value]) => [
    '--env',
    `${name}=${value}`,
  ]);
  const mounts = folders.flatMap((folder) => [
    '--volume',
    `${join(stack.project.folder, folder)}:/opt/airflow/${folder}:ro`,
  ]);
  const line = [
    ...['--progress', 'quiet', 'run', '--rm', '--no-deps', '-T', ...environment, ...mounts, 'airflow-cli'],
    ...['python', '-c', script, ...(check ? ['--check'] : []), '--', ...command],
  ];
  const running = execa(stack.engine.docker, composeArgs(stack, line), {
    ...composeOptions(stack),
    stdio: ['ignore', 'pipe', 'inherit'],
    buffer: false,
    cancelSignal: signal,
    // compose takes the container away first
    forceKillAfterDelay: 15_000,
  });
  for await (const text of running.iterable({ from: 'stdout' })) onLine(String(text));
  const { exitCode, isCanceled } = await running;
  if (isCanceled) signal.throwIfAborted();
  return exitCode ?? 1;
}

/** What differs from the stack's own containers. Airflow 2 takes SQLite with this executor only; Airflow 3 has it no more. */
function environmentOf(major: number): Record<string, string> {
  return {
    AIRFLOW__DATABASE__SQL_ALCHEMY_CONN: 'sqlite:////tmp/gather.db',
    AIRFLOW__CELERY__RESULT_BACKEND: 'db+sqlite:////tmp/gather-results.db',
    AIRFLOW__CORE__EXECUTOR: major < 3 ? 'SequentialExecutor' : 'LocalExecutor',
    AIRFLOW__CORE__LOAD_EXAMPLES: 'False',
    AIRFLOW__LOGGING__BASE_LOG_FOLDER: '/tmp/logs',
    // the folders belong to the host's user: nothing is left in them
    PYTHONDONTWRITEBYTECODE: '1',
  };
}

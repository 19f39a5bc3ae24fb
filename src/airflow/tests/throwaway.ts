import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { serviceOf } from '../../catalog/blueprint.js';
import { connect } from '../../engine/api.js';
import { composeLines, type Stack, stackName } from '../../engine/compose.js';
import { isNotFound } from '../../engine/failure.js';
import { ensureImages } from '../../images/ensure.js';
import { cancelled } from '../../output/cancelled.js';
import { GatherError } from '../../output/errors.js';
import type { Reporter } from '../../output/events.js';
import { missingVariables } from '../../stack/missing-variables.js';
import { imageInputs, type OpenProject, openProject, requireStack } from '../../stack/open.js';
import { recordImages } from '../../stack/record-images.js';
import { writeGenerated } from '../../stack/write-generated.js';

/** How long somebody who has pressed Ctrl-C waits for the container to be gone. */
const REMOVAL_MS = 5000;

/** A container of Airflow's image that lives for one command, beside the stack or without it. */
export interface Throwaway {
  /** Sees to the images; hands back the project as it is then. */
  stack: Stack;
  home: string;
  /** The service whose container it is like. */
  cli: string;
  /** Airflow's major version. */
  major: number;
}

export interface ThrowawayOptions {
  /** Its own, in SQLite, which goes with it: the stack's is out of its reach. Or the stack's. */
  database: 'own' | 'stack';
  /** With a database of its own: looks at the import of each DAG file first; its answer is the first line. */
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
  await writeGenerated(open, home, { report, signal });
  const { engine } = await requireStack(open, signal);
  const images = await ensureImages(imageInputs(open), {
    engine,
    report,
    signal,
    current: (name) => open.project.env.get(name),
    only: ['AIRFLOW_IMAGE'],
  });
  await recordImages(open, engine, images, { report, signal });
  const fresh = openProject(open.project.folder, home);
  return {
    stack: await requireStack(fresh, signal),
    home,
    cli: serviceOf(open.blueprint, 'cli'),
    major: Number(open.blueprint.airflow.split('.')[0]),
  };
}

/** Runs a command in a container of its own, which is gone afterwards. Gives back the exit code; throws CANCELLED after `signal`. */
export async function runThrowaway(
  { stack, home, cli, major }: Throwaway,
  options: ThrowawayOptions,
): Promise<number> {
  const { database, check, command, folders, onLine, signal } = options;
  const isOwn = database === 'own';
  const script = isOwn ? readFileSync(join(home, 'compose/checks/dags.py'), 'utf8') : '';
  const prepared = ['python', '-c', script, ...(check ? ['--check'] : []), '--', ...command];
  // the folders belong to the host's user: nothing is left in them
  const environment = { ...(isOwn ? ownDatabase(major) : {}), PYTHONDONTWRITEBYTECODE: '1' };
  const name = `${stackName(stack.project)}-throwaway-${randomBytes(4).toString('hex')}`;
  const line = [
    ...['--progress', 'quiet', 'run', '--rm', '--no-deps', '-T', '--name', name],
    ...Object.entries(environment).flatMap(([variable, value]) => ['--env', `${variable}=${value}`]),
    ...folders.flatMap((folder) => [
      '--volume',
      `${join(stack.project.folder, folder)}:/opt/airflow/${folder}:ro`,
    ]),
    ...[cli, ...(isOwn ? prepared : command)],
  ];
  try {
    return await composeLines({ ...stack, signal }, line, onLine);
  } catch (error) {
    if (!signal.aborted) throw error;
    // compose that is told to end leaves its container running
    const docker = await connect(stack.engine, AbortSignal.timeout(REMOVAL_MS));
    const isGone = await docker.removeContainer(name).then(
      () => true,
      (refusal: unknown) => isNotFound(refusal),
    );
    throw cancelled(
      isGone ? 'stopped, and its container is gone' : `stopped; its container ${name} may go on`,
      error,
    );
  }
}

/** What differs from the stack's own containers. Airflow 2 takes SQLite with this executor only; Airflow 3 has it no more. */
function ownDatabase(major: number): Record<string, string> {
  return {
    AIRFLOW__DATABASE__SQL_ALCHEMY_CONN: 'sqlite:////tmp/gather.db',
    AIRFLOW__CELERY__RESULT_BACKEND: 'db+sqlite:////tmp/gather-results.db',
    AIRFLOW__CORE__EXECUTOR: major < 3 ? 'SequentialExecutor' : 'LocalExecutor',
    AIRFLOW__CORE__LOAD_EXAMPLES: 'False',
    // the working tree, wherever the stack has its DAGs from
    AIRFLOW__CORE__DAGS_FOLDER: '/opt/airflow/dags',
    AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST: JSON.stringify([
      { name: 'dags-folder', classpath: 'airflow.dag_processing.bundles.local.LocalDagBundle', kwargs: {} },
    ]),
    AIRFLOW__LOGGING__BASE_LOG_FOLDER: '/tmp/logs',
  };
}

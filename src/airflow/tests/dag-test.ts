import { connect } from '../../engine/api.js';
import { stackName } from '../../engine/compose.js';
import type { Reporter } from '../../output/events.js';
import { isSettled, listContainers } from '../../stack/observe/containers.js';
import { foldedWanted } from '../../stack/observe/wanted.js';
import { type OpenProject, requireStack } from '../../stack/open.js';
import { restOf, unknownDag } from '../dags/dags.js';
import { runThrowaway, throwaway } from './throwaway.js';

export interface TestRunOptions {
  id: string;
  conf: Record<string, unknown>;
  home: string;
  report: Reporter;
  signal: AbortSignal;
}

/**
 * Runs all tasks of a DAG in one process with `airflow dags test`, in a container of its own: on the stack's database, where the
 * run is recorded like any other; on one that goes with it while the stack is down. Throws DAG_NOT_FOUND with the nearest name.
 */
export async function testOneDag(
  open: OpenProject,
  options: TestRunOptions,
): Promise<{ passed: boolean; seconds: number }> {
  const { id, conf, home, report, signal } = options;
  const given = Object.keys(conf).length ? ['--conf', JSON.stringify(conf)] : [];
  const container = await throwaway(open, home, report, signal);
  const runs = await stackRuns(open, signal);
  const started = Date.now();
  const exitCode = await runThrowaway(container, {
    database: runs ? 'stack' : 'own',
    check: false,
    command: ['airflow', 'dags', 'test', ...given, id],
    folders: [],
    onLine: (text) => report.event({ type: 'log', source: '', text }),
    signal,
  });
  if (exitCode !== 0 && runs) await throwUnlessKnown(open, id, signal);
  return { passed: exitCode === 0, seconds: (Date.now() - started) / 1000 };
}

async function throwUnlessKnown(open: OpenProject, id: string, signal: AbortSignal): Promise<void> {
  const rest = await restOf(open, { signal });
  const dag = await rest.dag(id).catch(() => null);
  if (dag === undefined) throw await unknownDag(rest, id);
}

/** True when the scheduler is there, which is when the database has its tables. */
async function stackRuns(open: OpenProject, signal: AbortSignal): Promise<boolean> {
  const { engine } = await requireStack(open, signal);
  const docker = await connect(engine, signal);
  const containers = await listContainers(docker, stackName(open.project), foldedWanted(open));
  return containers.some((one) => one.service === open.blueprint.provides.scheduler && isSettled(one));
}

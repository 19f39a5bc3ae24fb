import { composeArgs, composeOptions, stackName } from '../engine/compose.js';
import { connect } from '../engine/docker.js';
import type { Reporter } from '../output/events.js';
import { listContainers } from './containers.js';
import { runThrowaway, throwaway } from './dag-throwaway.js';
import { restOf, unknownDag } from './dags.js';
import { type OpenProject, requireStack } from './open.js';
import { shapeOf } from './shape.js';

/** The service in which Airflow commands are run: it has what tasks import. */
const SERVICE = 'airflow-scheduler';

export interface TestRunOptions {
  id: string;
  conf: Record<string, unknown>;
  home: string;
  report: Reporter;
  signal: AbortSignal;
}

/**
 * Runs all tasks of a DAG in one process with `airflow dags test`: in the scheduler's container, where the run is recorded like
 * any other; while the stack is down, in a container of its own. Throws DAG_NOT_FOUND with the nearest name.
 */
export async function testOneDag(
  open: OpenProject,
  options: TestRunOptions,
): Promise<{ passed: boolean; seconds: number }> {
  const { id, conf, home, report, signal } = options;
  const given = Object.keys(conf).length ? ['--conf', JSON.stringify(conf)] : [];
  const command = ['airflow', 'dags', 'test', ...given, id];
  const onLine = (text: string) => report.event({ type: 'log', source: '', text });
  const started = Date.now();
  const runs = await schedulerRuns(open);
  const exitCode = runs
    ? await inScheduler(open, command, onLine, signal)
    : await runThrowaway(await throwaway(open, home, report, signal), {
        check: false,
        command,
        folders: [],
        onLine,
        signal,
      });
  const passed = exitCode === 0;
  if (!passed && runs) await throwUnlessKnown(open, id, signal);
  return { passed, seconds: (Date.now() - started) / 1000 };
}

async function throwUnlessKnown(open: OpenProject, id: string, signal: AbortSignal): Promise<void> {
  const rest = restOf(open, { signal });
  const dag = await rest.dag(id).catch(() => null);
  if (dag === undefined) throw await unknownDag(rest, id);
}

async function schedulerRuns(open: OpenProject): Promise<boolean> {
  const { engine } = await requireStack(open);
  const docker = await connect(engine);
  const containers = await listContainers(docker, stackName(open.project), shapeOf(open.blueprint));
  const usable = ['healthy', 'running', 'starting', 'unhealthy'];
  return containers.some((one) => one.service === SERVICE && usable.includes(one.state));
}

async function inScheduler(
  open: OpenProject,
  command: string[],
  onLine: (line: string) => void,
  signal: AbortSignal,
): Promise<number> {
  const { execa } = await import('execa');
  const stack = await requireStack(open);
  const running = execa(stack.engine.docker, composeArgs(stack, ['exec', '-T', SERVICE, ...command]), {
    ...composeOptions(stack),
    stdio: ['ignore', 'pipe', 'inherit'],
    buffer: false,
    cancelSignal: signal,
  });
  for await (const text of running.iterable({ from: 'stdout' })) onLine(String(text));
  const { exitCode, isCanceled } = await running;
  if (isCanceled) signal.throwIfAborted();
  return exitCode ?? 1;
}

import { setTimeout as sleep } from 'node:timers/promises';
import { cancelled } from '../../output/cancelled.js';
import { GatherError } from '../../output/errors.js';
import type { Reporter } from '../../output/events.js';
import type { AirflowRest, Dag, Run, TaskInstance } from '../api/rest.js';
import { brokenFiles, unknownDag } from './dags.js';
import { nameOf, TaskLogs } from './task-logs.js';

/** After so long without a task that runs, somebody who waits is told where to look. */
const PATIENCE_MS = 30_000;
/** So long may Airflow not answer while a run is followed: a web server that restarts is no end of the run. */
const OUTAGE_MS = 30_000;

const ENDED = ['success', 'failed'];
const TASK_ENDED = ['success', 'failed', 'skipped', 'upstream_failed', 'removed'];
const TASK_BEGUN = ['running', 'deferred', 'restarting', 'up_for_retry', 'up_for_reschedule', ...TASK_ENDED];

export interface TriggerOptions {
  conf: Record<string, unknown>;
  /** Switch the DAG on, should it be paused. */
  unpause: boolean;
  report: Reporter;
  /** Milliseconds that a DAG may take until Airflow lists it: a stack that has just started is about to read its files. */
  patienceMs?: number;
}

export interface FollowOptions {
  /** Hand on what the tasks write. */
  logs: boolean;
  report: Reporter;
  signal: AbortSignal;
  /** Milliseconds between two looks at the run. */
  pollMs?: number;
}

/** How a run has ended. */
export interface RunOutcome {
  dag: string;
  run: string;
  state: string;
  seconds: number;
  tasks: { task: string; state: string | null; seconds: number | undefined; tries: number }[];
  /** The tasks that failed by themselves, each with its last lines. */
  failures: { task: string; log: string[] }[];
}

/**
 * Starts a run of a DAG. Throws DAG_NOT_FOUND with the nearest name; DAG_PAUSED when it has a schedule and is paused, for
 * its run would stay queued, and switching it on starts the scheduled ones too. One without a schedule is just switched on.
 */
export async function startRun(rest: AirflowRest, id: string, options: TriggerOptions): Promise<Run> {
  const { conf, unpause, report, patienceMs = 0 } = options;
  const [dag, broken] = await Promise.all([listed(rest, id, patienceMs), brokenFiles(rest)]);
  if (!dag) throw await unknownDag(rest, id);
  if (!unpause) assertCanRun(dag);
  const fault = broken.find((one) => one.file === dag.file);
  if (fault)
    report.event({
      type: 'warning',
      text: `${fault.file} cannot be imported (${fault.message}): what runs is what Airflow read before`,
      hints: ['gather dags errors'],
    });
  if (dag.isPaused) {
    await rest.unpause(id);
    report.event({ type: 'note', text: `${id} was paused, and is switched on now` });
  }
  return rest.trigger(id, conf);
}

async function listed(rest: AirflowRest, id: string, patienceMs: number): Promise<Dag | undefined> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const dag = await rest.dag(id);
    if (dag || Date.now() >= deadline) return dag;
    await sleep(500);
  }
}

/** Throws DAG_PAUSED for a paused DAG with a schedule. */
export function assertCanRun({ id, isPaused, schedule }: Dag): void {
  if (isPaused && schedule !== undefined)
    throw new GatherError('DAG_PAUSED', `${id} is paused: a run of it would stay queued`, {
      details: [`it has a schedule (${schedule}): switched on, it also runs by itself`],
      hints: [`gather dags trigger ${id} --unpause`, `gather dags test ${id} runs it once, paused or not`],
    });
}

/** Waits for a run to end, telling what each of its tasks does. Throws CANCELLED after `signal`; the run itself goes on. */
export async function followRun(
  rest: AirflowRest,
  dag: string,
  run: Run,
  options: FollowOptions,
): Promise<RunOutcome> {
  const { report, signal, pollMs = 500 } = options;
  const logs = options.logs ? new TaskLogs(rest, dag, run.id, report) : undefined;
  const states = new Map<string, string>();
  const since = Date.now();
  let answered = since;
  let isWarned = false;
  for (;;) {
    if (signal.aborted) throw cancelled(`no longer waiting: run ${run.id} of ${dag} goes on`, signal.reason);
    try {
      const now = await rest.run(dag, run.id);
      const tasks = await rest.tasks(dag, run.id);
      for (const task of tasks.filter((one) => !hasEnded(one))) tell(task, states, report);
      await logs?.read(tasks);
      for (const task of tasks.filter(hasEnded)) tell(task, states, report);
      answered = Date.now();
      if (ENDED.includes(now.state)) {
        // what a task writes last is not always there as soon as its state is
        await logs?.read(tasks);
        return await outcome(rest, dag, now, tasks, since, logs === undefined);
      }
      if (!isWarned && answered - since > PATIENCE_MS && !tasks.some(hasBegun)) {
        isWarned = true;
        report.event({
          type: 'warning',
          text: `none of its tasks has begun for ${PATIENCE_MS / 1000} s; Ctrl-C stops waiting, not the run`,
          hints: ['gather status says whether scheduler and workers are there'],
        });
      }
    } catch (error) {
      const isOutage = error instanceof GatherError && error.code === 'STACK_NOT_RUNNING';
      if (!signal.aborted && (!isOutage || Date.now() - answered > OUTAGE_MS)) throw error;
    }
    await sleep(pollMs, undefined, { signal }).catch(() => {});
  }
}

const hasEnded = ({ state }: TaskInstance) => TASK_ENDED.includes(state ?? '');
const hasBegun = ({ state }: TaskInstance) => TASK_BEGUN.includes(state ?? '');

function tell(task: TaskInstance, states: Map<string, string>, report: Reporter): void {
  const name = nameOf(task);
  const state = task.state ?? 'none';
  // `scheduled` and `queued` are over in no time, and say nothing of the task itself
  if (states.get(name) === state || !hasBegun(task)) return;
  states.set(name, state);
  const seconds = hasEnded(task) ? secondsOf(task) : undefined;
  const attempt = task.tryNumber > 1 && state === 'running' ? ` (try ${task.tryNumber})` : '';
  report.event({
    type: 'task',
    task: name,
    state: state + attempt,
    ...(seconds === undefined ? {} : { seconds }),
  });
}

async function outcome(
  rest: AirflowRest,
  dag: string,
  run: Run,
  tasks: TaskInstance[],
  since: number,
  withLogs: boolean,
): Promise<RunOutcome> {
  const failed = tasks.filter((task) => task.state === 'failed');
  return {
    dag,
    run: run.id,
    state: run.state,
    seconds: secondsOf(run) ?? (Date.now() - since) / 1000,
    tasks: tasks.map((task) => ({
      task: nameOf(task),
      state: task.state,
      seconds: secondsOf(task),
      tries: task.tryNumber,
    })),
    failures: await Promise.all(
      failed.map(async (task) => ({
        task: nameOf(task),
        log: withLogs ? lastWords(await rest.log(dag, run.id, task)) : [],
      })),
    ),
  };
}

const LAST_LINES = 12;

/** The end of a failed task's log, without what Airflow notes down behind the fault. */
function lastWords(log: string[]): string[] {
  const end = log.findLastIndex((line) => !line.includes(' INFO - ')) + 1;
  return log.slice(0, end || undefined).slice(-LAST_LINES);
}

function secondsOf({ start, end }: { start: string | undefined; end: string | undefined }) {
  return start && end ? (Date.parse(end) - Date.parse(start)) / 1000 : undefined;
}

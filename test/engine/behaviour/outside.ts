import { expect } from 'vitest';
import { docker, until } from '../docker.js';
import type { BehaviourRun, Note } from './run.js';
import type { BehaviourStack } from './stack.js';

/** Waits until the process of a task is gone from its worker. */
async function isGone({ host, pid }: Note): Promise<void> {
  const look = async () => (await docker(['exec', host, 'test', '-d', `/proc/${pid}`])).code;
  await until(look, (code) => code === 1, 30);
}

/** "Clear task" as the UI does it. REST of 2.11 stores for a task that runs only what its job should do, and the task fails as if its worker were lost. */
async function clear(stack: BehaviourStack, run: BehaviourRun, task: string): Promise<void> {
  const { dag, id } = run;
  if (stack.major === 2) {
    const execution_date = String((await stack.rest.json('GET', run.path)).execution_date);
    const fields = { dag_id: dag, dag_run_id: id, task_id: task, execution_date, confirmed: 'true' };
    const person = await stack.person();
    expect(await person.submit(`/dags/${dag}/grid`, '/clear', fields)).toMatchObject({ status: 302 });
  } else {
    const wanted = { dag_run_id: id, task_ids: [task], only_failed: false, reset_dag_runs: true };
    await stack.rest.json('POST', `/dags/${dag}/clearTaskInstances`, { dry_run: false, ...wanted });
  }
}

/** A task that is cleared while it runs is ended, and runs again. */
export async function clearedWhileRunning(stack: BehaviourStack): Promise<void> {
  const run = await stack.start('interrupted');
  try {
    const before = await run.left('once-try-1');
    await run.reaches('once', 'running');
    await clear(stack, run, 'once');
    await isGone(before);
    expect(await run.left('once-try-2')).not.toMatchObject({ host: before.host, pid: before.pid });
    expect(await run.reaches('once', 'success')).toMatchObject({ try: 2 });
    // the other one was not touched
    expect(await run.task('twice')).toMatchObject({ state: 'running', try: 1 });
  } finally {
    run.open('never');
  }
  expect(await run.ended()).toBe('success');
}

/** A task that somebody marks as failed while it runs is ended. */
export async function markedAsFailed(stack: BehaviourStack): Promise<void> {
  const run = await stack.start('interrupted');
  try {
    const before = await run.left('once-try-1');
    await run.left('twice-try-1');
    await run.reaches('once', 'running');
    await stack.rest.json('PATCH', `${run.path}/taskInstances/once`, {
      new_state: 'failed',
      ...(stack.major === 2 && { dry_run: false }),
    });
    await isGone(before);
    expect(await run.task('once')).toMatchObject({ state: 'failed', try: 1 });
  } finally {
    run.open('never');
  }
  await run.reaches('twice', 'success');
  expect(await run.ended()).toBe('failed');
  expect(run.hasLeft('once-try-2')).toBe(false);
}

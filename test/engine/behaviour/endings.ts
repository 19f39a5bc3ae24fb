import { expect } from 'vitest';
import type { BehaviourStack } from './stack.js';

/** A task that takes longer than its execution_timeout fails with AirflowTaskTimeout; its callback and that of the DAG run. */
export async function timeoutAndCallbacks(stack: BehaviourStack): Promise<void> {
  const run = await stack.start('takes_too_long');
  expect(await run.ended()).toBe('failed');
  expect(await run.task('work')).toMatchObject({ state: 'failed', try: 1 });
  expect(await run.left('task-failed')).toMatchObject({ task: 'work', error: 'AirflowTaskTimeout' });
  expect(await run.left('dag-failed')).toMatchObject({ dag: 'takes_too_long', reason: 'task_failure' });
  expect([run.hasLeft('task-succeeded'), run.hasLeft('dag-succeeded')]).toEqual([false, false]);
}

/** The callbacks of success run for what succeeded, and no other. */
export async function successCallbacks(stack: BehaviourStack): Promise<void> {
  const run = await stack.start('ends_well');
  expect(await run.ended()).toBe('success');
  expect(await run.left('task-succeeded')).toMatchObject({ task: 'work' });
  expect(await run.left('dag-succeeded')).toMatchObject({ dag: 'ends_well', reason: 'success' });
  expect([run.hasLeft('task-failed'), run.hasLeft('dag-failed')]).toEqual([false, false]);
}

/** A task that defers holds no worker, and goes on with what it kept; a sensor that is looked at again does so until it may go on. */
export async function waitsWithoutAWorker(stack: BehaviourStack): Promise<void> {
  const run = await stack.start('waits');
  await run.left('deferred');
  await run.reaches('deferred', 'deferred');
  await run.left('poke-1');
  await run.reaches('rescheduled', 'up_for_reschedule');
  expect(await run.left('resumed')).toMatchObject({ kept: 'a value' });
  expect(await run.reaches('deferred', 'success')).toMatchObject({ try: 1 });
  await run.left('poke-2');
  run.open('gate');
  expect(await run.reaches('rescheduled', 'success')).toMatchObject({ try: 1 });
  expect(await run.ended()).toBe('success');
}

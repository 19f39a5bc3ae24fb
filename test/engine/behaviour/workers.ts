import { expect } from 'vitest';
import { docker, dockerOk, until } from '../docker.js';
import { type BehaviourStack, GIVEN_UP } from './stack.js';

/** A task whose worker is killed fails or is tried again once Airflow has missed its heartbeat, and its callbacks run. */
export async function killedWorker(stack: BehaviourStack): Promise<void> {
  const [first, second] = [await stack.worker(1), await stack.worker(2)];
  await dockerOk(['stop', second.Id]);
  const run = await stack.start('interrupted');
  for (const name of ['once', 'twice'])
    expect(first.Id.startsWith((await run.left(`${name}-try-1`)).host)).toBe(true);
  await dockerOk(['start', second.Id]);
  await dockerOk(['kill', first.Id]);

  // what it takes beside: one look at the heartbeats, the callback in the DAG processor, the start of a try
  const inTime = GIVEN_UP.after + GIVEN_UP.every + 45;
  expect(await run.reaches('once', 'failed', inTime)).toMatchObject({ try: 1 });
  expect(await run.reaches('twice', 'success', inTime)).toMatchObject({ try: 2 });
  expect(second.Id.startsWith((await run.left('twice-try-2')).host)).toBe(true);
  expect(await run.left('once-failed')).toMatchObject({ task: 'once' });
  expect(await run.left('twice-retried')).toMatchObject({ task: 'twice' });
  expect(run.hasLeft('once-retried')).toBe(false);
  expect(await run.ended()).toBe('failed');
}

/** A worker that is told to end takes no new task, lets the one it has come to its end, and ends then. */
export async function warmShutdown(stack: BehaviourStack): Promise<void> {
  const run = await stack.start('gated');
  const { host } = await run.left('speaking');
  const workers = [await stack.worker(1), await stack.worker(2)];
  const [leaving, staying] = workers[0]?.Id.startsWith(host) ? workers : workers.reverse();
  if (!leaving || !staying) throw new Error('there are not two workers');
  const stop = docker(['stop', '--time', '300', leaving.Id]);
  try {
    await until(
      () => docker(['logs', leaving.Id]),
      ({ stdout, stderr }) => (stdout + stderr).includes('Warm shutdown'),
    );
    // what it asked Redis for before it heard, which takes up to a second, is its own until it ends: findings/celery-warm-shutdown-redis.sh
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    // more than the four processes of one worker
    const others = await Promise.all(Array.from({ length: 6 }, () => stack.start('ends_well')));
    for (const other of others) {
      expect(await other.ended()).toBe('success');
      expect(staying.Id.startsWith((await other.task('work')).host)).toBe(true);
    }
    expect(await run.task('speak')).toMatchObject({ state: 'running' });

    run.open('gate');
    const task = await run.reaches('speak', 'success');
    expect(task).toMatchObject({ try: 1 });
    expect((await stop).code).toBe(0);
    const { State } = JSON.parse(
      await dockerOk(['inspect', '--format', '{{json .}}', leaving.Id]),
    ) as typeof leaving;
    expect(State).toMatchObject({ Status: 'exited', ExitCode: 0 });
    expect(Date.parse(State.FinishedAt)).toBeGreaterThan(Date.parse(task.end ?? ''));
    expect(await run.ended()).toBe('success');
  } finally {
    run.open('gate');
    await stop;
  }
}

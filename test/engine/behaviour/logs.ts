import { expect } from 'vitest';
import { docker, until } from '../docker.js';
import type { BehaviourStack } from './stack.js';

/** The web server has a task's log from the worker, where alone it is: while the task runs, and after. */
export async function logFromTheWorker(stack: BehaviourStack): Promise<void> {
  const run = await stack.start('gated');
  try {
    const { host } = await run.left('speaking');
    await run.reaches('speak', 'running');
    const early = await until(
      () => run.log('speak'),
      (log) => log.includes('the first words of the task'),
    );
    expect(early).toContain(
      `http://${host}:8793/log/dag_id=gated/run_id=${run.id}/task_id=speak/attempt=1.log`,
    );
    expect(early).not.toContain('the last words of the task');
    expect(await run.task('speak')).toMatchObject({ state: 'running' });
    const web = await stack.container(stack.major === 2 ? 'airflow-webserver-1' : 'airflow-apiserver-1');
    const here = await docker(['exec', web.Id, 'ls', `/opt/airflow/logs/dag_id=gated/run_id=${run.id}`]);
    expect(here).toMatchObject({ code: 2, stderr: expect.stringContaining('No such file') });
  } finally {
    run.open('gate');
  }
  expect(await run.ended()).toBe('success');
  const late = await run.log('speak');
  for (const words of ['the first words of the task', 'the last words of the task'])
    expect(late).toContain(words);
}

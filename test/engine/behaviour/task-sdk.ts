import { expect } from 'vitest';
import { dockerOk } from '../docker.js';
import { ask } from '../web.js';
import type { BehaviourStack } from './stack.js';

/** The version of the API for tasks that Airflow 3.0.0 speaks (Task SDK 1.0.0), and the newest of 3.3. */
const OLDEST = '2025-04-11';
const NEWEST = '2026-06-30';

/** What the executor puts into a task's message (airflow/executors/base_executor.py, jwt_generator). */
const TOKEN = `
import sys
from airflow.executors.base_executor import BaseExecutor
print("token " + BaseExecutor().jwt_generator.generate({"sub": sys.argv[1]}))
`;

/** A worker with an older Task SDK starts a task, asks for its variables, and says how it ended. */
export async function olderTaskSdk(stack: BehaviourStack): Promise<void> {
  const workers = [await stack.worker(1), await stack.worker(2)].map(({ Id }) => Id);
  await dockerOk(['pause', ...workers]);
  try {
    // nobody but this test takes it from the queue in time
    const run = await stack.start('ends_well');
    const { id } = await run.reaches('work', 'queued');
    const scheduler = await stack.container('airflow-scheduler-1');
    const said = await dockerOk(['exec', scheduler.Id, 'python', '-c', TOKEN, id]);
    const token = /^token (\S+)$/m.exec(said)?.[1] ?? '';
    const call = async (version: string, method: string, path: string, body?: object) => {
      const headers = {
        authorization: `Bearer ${token}`,
        'airflow-api-version': version,
        'content-type': 'application/json',
      };
      const text = body && JSON.stringify(body);
      const answer = await ask(`${stack.site}/execution${path}`, {
        method,
        headers,
        ...(text && { body: text }),
      });
      return { status: answer.status, body: answer.body ? JSON.parse(answer.body) : undefined };
    };

    const start = {
      state: 'running',
      hostname: 'older',
      unixname: 'older',
      pid: 7,
      start_date: new Date().toISOString(),
    };
    const started = await call(OLDEST, 'PATCH', `/task-instances/${id}/run`, start);
    expect(started).toMatchObject({
      status: 200,
      body: { dag_run: { dag_id: run.dag, run_id: run.id }, max_tries: 0, variables: [] },
    });
    // since 3.0.1, 3.1.0 and 3.2.0: an older SDK, whose models forbid what they do not know, is not told of them
    for (const name of ['rendered_map_index', 'start_date']) expect(started.body).not.toHaveProperty(name);
    for (const name of ['note', 'partition_key', 'triggering_user_name'])
      expect(started.body.dag_run).not.toHaveProperty(name);
    expect(await run.task('work')).toMatchObject({ state: 'running', host: 'older' });

    for (const version of [OLDEST, '2025-09-23', NEWEST])
      expect(await call(version, 'PUT', '/variables/of_an_sdk', { value: version })).toMatchObject({
        status: 201,
      });
    expect(await call(OLDEST, 'GET', '/variables/of_an_sdk')).toEqual({
      status: 200,
      body: { key: 'of_an_sdk', value: NEWEST },
    });
    // there until 3.1, and moved then
    const before = '?logical_date=2030-01-01T00:00:00Z';
    expect(await call('2025-11-05', 'GET', `/dag-runs/ends_well/previous${before}`)).toMatchObject({
      status: 200,
    });
    expect(await call(NEWEST, 'GET', `/dag-runs/previous${before}&dag_id=ends_well`)).toMatchObject({
      status: 200,
    });
    expect(await call(OLDEST, 'GET', `/dag-runs/previous${before}&dag_id=ends_well`)).toMatchObject({
      status: 404,
    });

    const end = { state: 'success', end_date: new Date().toISOString(), task_outlets: [], outlet_events: [] };
    expect(await call(OLDEST, 'PATCH', `/task-instances/${id}/state`, end)).toMatchObject({ status: 204 });
    expect(await run.task('work')).toMatchObject({ state: 'success', host: 'older' });
    expect(await run.ended()).toBe('success');
  } finally {
    await dockerOk(['unpause', ...workers]);
  }
}

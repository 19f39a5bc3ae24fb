import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { AirflowApi, type EndedRun, type TaskInstance } from './airflow-api.js';
import { containersOf, docker, until } from './docker.js';
import { gatherOk } from './gather.js';

const stack = inject('stack');
const api = new AirflowApi(stack);
const runs = new Map<string, string>();

/** The run of an example that was started at the beginning: all of them run at once, each test waits for its own. */
async function ended(dag: string): Promise<EndedRun> {
  const run = await api.ended(dag, runs.get(dag) ?? '');
  expect(run).toMatchObject({ state: 'success' });
  return run;
}

const hostsOf = (run: EndedRun) => new Set(run.tasks.map((task) => task.hostname));

/** The host names of the worker containers: the first twelve digits of their ids. */
async function workers(): Promise<Set<string>> {
  const all = [...(await containersOf(stack.folder))];
  return new Set(
    all.flatMap(([name, { Id }]) => (name.startsWith('airflow-worker-') ? [Id.slice(0, 12)] : [])),
  );
}

/** The ids of the DAGs that Airflow knows, once there are `count` of them that match. */
async function listed(query: string, count: number): Promise<string[]> {
  const ask = () => api.get<{ dags: { dag_id: string }[] }>(`/dags?${query}`);
  const { dags } = await until(ask, (list) => list.dags.length >= count, 120);
  return dags.map((dag) => dag.dag_id).sort();
}

describe('the example DAGs', () => {
  beforeAll(async () => {
    const examples = ['deferrable_sensor', 'docker_operator', 'hello_taskflow', 'mapped_task'];
    expect(await listed('tags=example', 4)).toEqual(examples);
    for (const dag of ['deferrable_sensor', 'docker_operator', 'mapped_task'])
      runs.set(dag, await api.trigger(dag));
    runs.set('hello_taskflow', await api.trigger('hello_taskflow', { name: 'Ada ✓' }));
  });

  test('a deferrable sensor leaves its worker, waits in the triggerer and goes on', async () => {
    const run = runs.get('deferrable_sensor') ?? '';
    const isDeferred = (task: TaskInstance) => task.task_id === 'wait' && task.state === 'deferred';
    await until(
      () => api.tasks('deferrable_sensor', run),
      (tasks) => tasks.some(isDeferred),
    );
    await ended('deferrable_sensor');
    const log = await api.log('deferrable_sensor', run, 'wait');
    expect(log).toContain('Pausing task as DEFERRED');
    // what the triggerer itself wrote, fetched from it
    expect(log).toContain('trigger starting');
    expect(log).toContain('Resuming after deferral');
    expect(await api.log('deferrable_sensor', run, 'go_on')).toContain('The time has come.');
  });

  test('TaskFlow hands a value from one task to the next', async () => {
    const { id } = await ended('hello_taskflow');
    expect(await api.result('hello_taskflow', id, 'greet')).toBe('Hello, Ada ✓!');
    expect(await api.log('hello_taskflow', id, 'say')).toContain('Hello, Ada ✓!');
  });

  test('a mapped task runs on both workers', async () => {
    const run = await ended('mapped_task');
    const mapped = run.tasks.filter((task) => task.task_id === 'work');
    expect(mapped.map((task) => task.map_index).sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    const hosts = new Set(mapped.map((task) => task.hostname));
    expect(hosts.size).toBe(2);
    expect(hosts).toEqual(await workers());
    const report = await api.result('mapped_task', run.id, 'report');
    for (const host of hosts) expect(report).toContain(host);
    for (const { map_index: n, hostname } of mapped)
      expect(await api.log('mapped_task', run.id, 'work', n)).toContain(
        `${n} squared is ${n * n}, says ${hostname}`,
      );
  });

  test('DockerOperator runs a container through the socket proxy, prints its lines and keeps the last', async () => {
    const run = await ended('docker_operator');
    const last = { run: run.id, squares: [0, 1, 4, 9, 16] };
    expect(JSON.parse(await api.result('docker_operator', run.id, 'compute'))).toEqual(last);
    expect(await api.result('docker_operator', run.id, 'add_up')).toBe('30');
    const log = await api.log('docker_operator', run.id, 'compute');
    const host = /Hello from ([0-9a-f]{12})/.exec(log)?.[1];
    expect(host).toBeDefined();
    expect(await workers()).not.toContain(host);
    // auto_remove: nothing is left of it
    expect((await docker(['container', 'inspect', host ?? ''])).stderr).toContain('No such container');
  });
});

describe('what stands beside the DAGs', () => {
  test('the plugin is loaded', async () => {
    const { plugins } = await api.get<{ plugins: { name: string; macros: string[] }[] }>('/plugins');
    expect(plugins.find((plugin) => plugin.name === 'working_days')?.macros).toHaveLength(1);
  });

  test('the local settings are in force: a task without a limit has one, a sensor keeps its own', async () => {
    type Task = { execution_timeout: { days: number } | null };
    const limited = await api.get<Task>('/dags/docker_operator/tasks/compute');
    expect(limited.execution_timeout).toMatchObject({ days: 1 });
    expect((await api.get<Task>('/dags/deferrable_sensor/tasks/wait')).execution_timeout).toBeNull();
  });

  test('the DAG tests pass in the Airflow image and are no DAGs themselves', async () => {
    const args = ['exec', 'airflow-scheduler', 'python', '-m', 'pytest', '--color=no', 'dags/tests'];
    const { stdout } = await gatherOk(args, { cwd: stack.folder });
    expect(stdout).toMatch(/= \d+ passed in /);
    expect((await api.get<{ import_errors: unknown[] }>('/importErrors')).import_errors).toEqual([]);
  });

  test('a task that is added to a DAG is seen as soon as a new file is', async () => {
    const file = join(stack.folder, 'dags/growing.py');
    const tasks = () => api.get<{ tasks: { task_id: string }[] }>('/dags/growing/tasks');
    writeFileSync(file, growing(1));
    try {
      await listed('dag_id_pattern=growing', 1);
      writeFileSync(file, growing(2));
      // Airflow's own intervals would make it half a minute
      const grown = await until(tasks, (list) => list.tasks.length === 2, 20);
      expect(grown.tasks.map((task) => task.task_id)).toEqual(['step_0', 'step_1']);
    } finally {
      rmSync(file);
    }
  });

  test('a DAG that a person puts into the folder is found and runs on a worker, with the plugin in its templates', async () => {
    const file = join(stack.folder, 'dags/dropped_in.py');
    writeFileSync(file, DROPPED_IN);
    try {
      await listed('dag_id_pattern=dropped_in', 1);
      const run = await api.ended('dropped_in', await api.trigger('dropped_in'));
      expect(run).toMatchObject({ state: 'success' });
      expect(await api.log('dropped_in', run.id, 'by_hand')).toContain('the Friday before is 2025-01-03');
      const [host] = hostsOf(run);
      expect(await workers()).toContain(host);
    } finally {
      rmSync(file);
    }
  });
});

const growing = (count: number) => `
from airflow.decorators import dag
from airflow.operators.empty import EmptyOperator

@dag(schedule=None)
def growing():
    for i in range(${count}):
        EmptyOperator(task_id=f"step_{i}")

growing()
`;

const DROPPED_IN = `
from airflow.decorators import dag
from airflow.operators.bash import BashOperator

@dag(schedule=None, tags=["mine"])
def dropped_in():
    BashOperator(task_id="by_hand", bash_command="echo the Friday before is {{ macros.working_days.previous('2025-01-06') }}")

dropped_in()
`;

import { until } from './docker.js';
import type { SharedStack } from './setup.js';

export interface TaskInstance {
  task_id: string;
  map_index: number;
  state: string | null;
  hostname: string;
  try_number: number;
}

/** A run of a DAG that has come to its end. */
export interface EndedRun {
  id: string;
  state: string;
  tasks: TaskInstance[];
}

/** Airflow 2's REST API as somebody outside of the stack uses it: through the proxy, with the web user's password. */
export class AirflowApi {
  readonly #base: string;
  readonly #authorization: string;

  constructor(stack: SharedStack) {
    this.#base = `${stack.proxyUrl}/api/v1`;
    const login = Buffer.from(`${stack.username}:${stack.password}`).toString('base64');
    this.#authorization = `Basic ${login}`;
  }

  async get<T>(path: string): Promise<T> {
    return JSON.parse(await this.#send('GET', path)) as T;
  }

  /** Switches the DAG on and starts a run. Returns the run's id. */
  async trigger(dag: string, conf: Record<string, unknown> = {}): Promise<string> {
    await this.#send('PATCH', `/dags/${dag}`, { is_paused: false });
    const run = JSON.parse(await this.#send('POST', `/dags/${dag}/dagRuns`, { conf })) as {
      dag_run_id: string;
    };
    return run.dag_run_id;
  }

  async ended(dag: string, id: string): Promise<EndedRun> {
    const path = `/dags/${dag}/dagRuns/${encodeURIComponent(id)}`;
    const isOver = (run: { state: string }) => ['success', 'failed'].includes(run.state);
    const { state } = await until(() => this.get<{ state: string }>(path), isOver, 120);
    return { id, state, tasks: await this.tasks(dag, id) };
  }

  async tasks(dag: string, run: string): Promise<TaskInstance[]> {
    const path = `/dags/${dag}/dagRuns/${encodeURIComponent(run)}/taskInstances`;
    return (await this.get<{ task_instances: TaskInstance[] }>(path)).task_instances;
  }

  /** The whole log of a task's first try. */
  log(dag: string, run: string, task: string, mapIndex = -1): Promise<string> {
    const instance = `/dags/${dag}/dagRuns/${encodeURIComponent(run)}/taskInstances/${task}`;
    return this.#send(
      'GET',
      `${instance}/logs/1?full_content=true&map_index=${mapIndex}`,
      undefined,
      'text/plain',
    );
  }

  /** What a task returned, as Airflow shows it: the text of a Python value. */
  async result(dag: string, run: string, task: string, mapIndex = -1): Promise<string> {
    const instance = `/dags/${dag}/dagRuns/${encodeURIComponent(run)}/taskInstances/${task}`;
    const path = `${instance}/xcomEntries/return_value?map_index=${mapIndex}`;
    return (await this.get<{ value: string }>(path)).value;
  }

  async #send(method: string, path: string, body?: unknown, accept = 'application/json'): Promise<string> {
    const response = await fetch(this.#base + path, {
      method,
      headers: { authorization: this.#authorization, accept, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 500)}`);
    return text;
  }
}

import { type CallOptions, type Json, RestCalls } from './rest-calls.js';
import { logLines } from './task-log.js';

export interface Dag {
  id: string;
  isPaused: boolean;
  /** A cron expression or what the timetable says of itself; undefined when only a person or another DAG starts it. */
  schedule: string | undefined;
  /** Its file, as `nameOf` names it. */
  file: string;
  /** When Airflow last read that file, ISO 8601. */
  parsedAt: string | undefined;
}

export interface ImportError {
  /** The file, as `nameOf` names it. */
  file: string;
  /** Where it is in Airflow's containers; with Airflow 3, relative to its bundle. */
  path: string;
  /** Python's traceback. */
  trace: string;
  /** ISO 8601. */
  at: string;
}

export interface Run {
  id: string;
  /** queued, running, success or failed. */
  state: string;
  start: string | undefined;
  end: string | undefined;
}

export interface TaskInstance {
  id: string;
  /** -1 where the task is not mapped. */
  mapIndex: number;
  /** Airflow's word for it; null before the scheduler has looked at it. */
  state: string | null;
  tryNumber: number;
  start: string | undefined;
  end: string | undefined;
}

export interface LogPart {
  lines: string[];
  token: string | undefined;
}

export interface RestOptions extends CallOptions {
  /** What people call a file of Airflow's containers; its path, when absent. */
  nameOf?: (path: string) => string;
}

/** Airflow's REST API as somebody outside of the stack uses it: /api/v1 of Airflow 2, /api/v2 of Airflow 3. */
export class AirflowRest {
  readonly base: string;
  readonly #calls: RestCalls;
  readonly #name: (path: string) => string;
  readonly #v2: boolean;

  constructor(options: RestOptions) {
    this.base = options.base;
    this.#calls = new RestCalls(options);
    this.#name = options.nameOf ?? ((path) => path);
    this.#v2 = options.major >= 3;
  }

  /** The DAGs whose files are there, by name. */
  async dags(): Promise<Dag[]> {
    const dags = (await this.#calls.all(`/dags?${this.#present}`, 'dags')).map((dag) => this.#dag(dag));
    return dags.sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** How many there are, all in all and paused. */
  async dagCount(): Promise<{ dags: number; paused: number }> {
    const count = async (more: string) =>
      Number((await this.#calls.json('GET', `/dags?limit=1&${this.#present}${more}`)).total_entries);
    const [dags, paused] = await Promise.all([count(''), count('&paused=true')]);
    return { dags, paused };
  }

  /** Undefined when Airflow does not know it, or its file is gone. */
  async dag(id: string): Promise<Dag | undefined> {
    const dag = await this.#calls.find(`/dags/${encodeURIComponent(id)}`);
    return !dag || dag.is_active === false || dag.is_stale === true ? undefined : this.#dag(dag);
  }

  /** The text of a DAG's file as Airflow has read it; undefined when it has not. */
  async code(id: string): Promise<string | undefined> {
    const key = this.#v2 ? id : (await this.#calls.find(`/dags/${encodeURIComponent(id)}`))?.file_token;
    return textOf((await this.#calls.find(`/dagSources/${encodeURIComponent(String(key))}`))?.content);
  }

  async unpause(id: string): Promise<void> {
    await this.#calls.json('PATCH', `/dags/${encodeURIComponent(id)}?update_mask=is_paused`, {
      is_paused: false,
    });
  }

  async importErrors(): Promise<ImportError[]> {
    return (await this.#calls.all('/importErrors?', 'import_errors')).map((error) => ({
      file: this.#name(String(error.filename)),
      path: String(error.filename),
      trace: String(error.stack_trace ?? error.stacktrace ?? '').trimEnd(),
      at: String(error.timestamp),
    }));
  }

  /** Starts a run now. Throws RestError with what Airflow has against it, such as a conf that does not fit the params. */
  async trigger(id: string, conf: Json): Promise<Run> {
    // Airflow 3 wants to be told that there is no logical date
    const body = this.#v2 ? { logical_date: null, conf } : { conf };
    return toRun(await this.#calls.json('POST', `${dagRuns(id)}`, body));
  }

  async run(dag: string, run: string): Promise<Run> {
    return toRun(await this.#calls.json('GET', `${dagRuns(dag)}/${encodeURIComponent(run)}`));
  }

  async tasks(dag: string, run: string): Promise<TaskInstance[]> {
    const path = `${dagRuns(dag)}/${encodeURIComponent(run)}/taskInstances?`;
    return (await this.#calls.all(path, 'task_instances')).map((task) => ({
      id: String(task.task_id),
      mapIndex: Number(task.map_index ?? -1),
      state: typeof task.state === 'string' ? task.state : null,
      tryNumber: Number(task.try_number ?? 0),
      start: textOf(task.start_date),
      end: textOf(task.end_date),
    }));
  }

  /** All that one try of a task has written until now; empty while there is nothing. */
  async log(dag: string, run: string, task: TaskInstance): Promise<string[]> {
    return (await this.#log(dag, run, task, 'full_content=true')).lines;
  }

  /**
   * What one try of a task has written since a token was given out, from its beginning without one. The token of the answer
   * stands for the end of its lines; Airflow 3 gives none when the task has ended (public/log.py, `get_log`).
   */
  logSince(dag: string, run: string, task: TaskInstance, token?: string): Promise<LogPart> {
    return this.#log(
      dag,
      run,
      task,
      `full_content=false${token ? `&token=${encodeURIComponent(token)}` : ''}`,
    );
  }

  async #log(dag: string, run: string, task: TaskInstance, query: string): Promise<LogPart> {
    const instance = `${dagRuns(dag)}/${encodeURIComponent(run)}/taskInstances/${encodeURIComponent(task.id)}`;
    // JSON, for as plain text Airflow 2 keeps its web worker busy until the task has ended (log_reader.py, read_log_stream)
    const path = `${instance}/logs/${task.tryNumber}?map_index=${task.mapIndex}&${query}`;
    const part = await this.#calls.find(path);
    return { lines: logLines(part?.content), token: textOf(part?.continuation_token) };
  }

  /** The page of a run in the web UI, below the address that a person uses. */
  runPage(dag: string, run: string, site = this.base): string {
    const [id, key] = [encodeURIComponent(dag), encodeURIComponent(run)];
    const path = this.#v2 ? `/dags/${id}/runs/${key}` : `/dags/${id}/grid?dag_run_id=${key}`;
    return site.replace(/\/$/, '') + path;
  }

  get #present(): string {
    return this.#v2 ? 'exclude_stale=true' : 'only_active=true';
  }

  #dag(dag: Json): Dag {
    return {
      id: String(dag.dag_id),
      isPaused: dag.is_paused === true,
      schedule: scheduleOf(dag),
      file: this.#name(String(dag.fileloc ?? '')),
      parsedAt: textOf(dag.last_parsed_time),
    };
  }
}

const dagRuns = (id: string) => `/dags/${encodeURIComponent(id)}/dagRuns`;

const textOf = (value: unknown) => (typeof value === 'string' ? value : undefined);

function toRun(run: Json): Run {
  return {
    id: String(run.dag_run_id),
    state: String(run.state),
    start: textOf(run.start_date),
    end: textOf(run.end_date),
  };
}

/** `schedule_interval` of Airflow 2 is `{ __type, value }` or null; Airflow 3 has `timetable_summary`. */
function scheduleOf(dag: Json): string | undefined {
  const description = textOf(dag.timetable_description);
  // NullTimetable's own words (airflow/timetables/simple.py), in both
  if (description === 'Never, external triggers only') return undefined;
  const interval = dag.schedule_interval as { value?: unknown } | null | undefined;
  return textOf(interval?.value) ?? textOf(dag.timetable_summary) ?? description;
}

import { GatherError } from '../output/errors.js';
import { type Answer, exchange } from './exchange.js';
import { logLines } from './task-log.js';

export interface Login {
  username: string;
  password: string;
}

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

export interface RestOptions {
  /** Such as http://127.0.0.1:8080, without a slash at the end. */
  base: string;
  /** Airflow's major version, 2 or 3. */
  major: number;
  login: Login;
  /** What people call a file of Airflow's containers; its path, when absent. */
  nameOf?: (path: string) => string;
  /** How long one call may take. */
  timeoutMs?: number;
  signal?: AbortSignal | undefined;
}

/** What Airflow refused, with its HTTP status. */
export class RestError extends GatherError {
  constructor(
    readonly status: number,
    message: string,
    hints: string[] = [],
  ) {
    super('AIRFLOW_FAILED', message, { hints });
  }
}

type Json = Record<string, unknown>;

/** Airflow answers with no more than so many at once (`maximum_page_limit`). */
const PAGE = 100;

/** Airflow's REST API as somebody outside of the stack uses it: /api/v1 of Airflow 2, /api/v2 of Airflow 3. */
export class AirflowRest {
  readonly base: string;
  readonly #options: RestOptions;
  readonly #v2: boolean;
  #authorization: Promise<string> | undefined;

  constructor(options: RestOptions) {
    this.base = options.base;
    this.#options = options;
    this.#v2 = options.major >= 3;
  }

  /** The DAGs whose files are there, by name. */
  async dags(): Promise<Dag[]> {
    const dags = (await this.#all(`/dags?${this.#present}`, 'dags')).map((dag) => this.#dag(dag));
    return dags.sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** How many there are, all in all and paused. */
  async dagCount(): Promise<{ dags: number; paused: number }> {
    const count = async (more: string) =>
      Number((await this.#json('GET', `/dags?limit=1&${this.#present}${more}`)).total_entries);
    const [dags, paused] = await Promise.all([count(''), count('&paused=true')]);
    return { dags, paused };
  }

  /** Undefined when Airflow does not know it, or its file is gone. */
  async dag(id: string): Promise<Dag | undefined> {
    const dag = await this.#find(`/dags/${encodeURIComponent(id)}`);
    return !dag || dag.is_active === false || dag.is_stale === true ? undefined : this.#dag(dag);
  }

  /** The text of a DAG's file as Airflow has read it; undefined when it has not. */
  async code(id: string): Promise<string | undefined> {
    const key = this.#v2 ? id : (await this.#find(`/dags/${encodeURIComponent(id)}`))?.file_token;
    return textOf((await this.#find(`/dagSources/${encodeURIComponent(String(key))}`))?.content);
  }

  async unpause(id: string): Promise<void> {
    await this.#json('PATCH', `/dags/${encodeURIComponent(id)}?update_mask=is_paused`, { is_paused: false });
  }

  async importErrors(): Promise<ImportError[]> {
    return (await this.#all('/importErrors?', 'import_errors')).map((error) => ({
      file: this.#nameOf(String(error.filename)),
      path: String(error.filename),
      trace: String(error.stack_trace ?? error.stacktrace ?? '').trimEnd(),
      at: String(error.timestamp),
    }));
  }

  /** Starts a run now. Throws RestError with what Airflow has against it, such as a conf that does not fit the params. */
  async trigger(id: string, conf: Json): Promise<Run> {
    // Airflow 3 wants to be told that there is no logical date
    const body = this.#v2 ? { logical_date: null, conf } : { conf };
    return toRun(await this.#json('POST', `${dagRuns(id)}`, body));
  }

  async run(dag: string, run: string): Promise<Run> {
    return toRun(await this.#json('GET', `${dagRuns(dag)}/${encodeURIComponent(run)}`));
  }

  async tasks(dag: string, run: string): Promise<TaskInstance[]> {
    const path = `${dagRuns(dag)}/${encodeURIComponent(run)}/taskInstances?`;
    return (await this.#all(path, 'task_instances')).map((task) => ({
      id: String(task.task_id),
      mapIndex: Number(task.map_index ?? -1),
      state: typeof task.state === 'string' ? task.state : null,
      tryNumber: Number(task.try_number ?? 0),
      start: textOf(task.start_date),
      end: textOf(task.end_date),
    }));
  }

  /** What one try of a task has written until now; empty while there is nothing. */
  async log(dag: string, run: string, task: TaskInstance): Promise<string[]> {
    const instance = `${dagRuns(dag)}/${encodeURIComponent(run)}/taskInstances/${encodeURIComponent(task.id)}`;
    // JSON, for as plain text Airflow 2 keeps its web worker busy until the task has ended (log_reader.py, read_log_stream)
    const path = `${instance}/logs/${task.tryNumber}?full_content=true&map_index=${task.mapIndex}`;
    return logLines((await this.#find(path))?.content);
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
      file: this.#nameOf(String(dag.fileloc ?? '')),
      parsedAt: textOf(dag.last_parsed_time),
    };
  }

  #nameOf(path: string): string {
    return this.#options.nameOf?.(path) ?? path;
  }

  async #all(path: string, key: string): Promise<Json[]> {
    const all: Json[] = [];
    for (;;) {
      const page = await this.#json('GET', `${path}&limit=${PAGE}&offset=${all.length}`);
      const items = (page[key] ?? []) as Json[];
      all.push(...items);
      if (items.length === 0 || all.length >= Number(page.total_entries)) return all;
    }
  }

  /** Undefined for what Airflow does not have. */
  async #find(path: string): Promise<Json | undefined> {
    try {
      return await this.#json('GET', path);
    } catch (error) {
      if (error instanceof RestError && error.status === 404) return undefined;
      throw error;
    }
  }

  async #json(method: string, path: string, body?: unknown): Promise<Json> {
    this.#authorization ??= this.#authorize();
    const prefix = this.#v2 ? '/api/v2' : '/api/v1';
    const headers = { authorization: await this.#authorization };
    return bodyOf(await this.#send(method, prefix + path, headers, body), this.#options.login);
  }

  /** Airflow 2 takes name and password with each call, Airflow 3 gives a token for them, good for a day. */
  async #authorize(): Promise<string> {
    const { username, password } = this.#options.login;
    if (!this.#v2) return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
    const answer = await this.#send('POST', '/auth/token', {}, { username, password });
    return `Bearer ${String(bodyOf(answer, this.#options.login).access_token)}`;
  }

  async #send(
    method: string,
    path: string,
    headers: Record<string, string>,
    body?: unknown,
  ): Promise<Answer> {
    const { base, timeoutMs = 15_000, signal } = this.#options;
    const timeout = AbortSignal.timeout(timeoutMs);
    try {
      return await exchange(base + path, {
        method,
        headers: { accept: 'application/json', 'content-type': 'application/json', ...headers },
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
        body: body === undefined ? '' : JSON.stringify(body),
      });
    } catch (error) {
      if (signal?.aborted) throw error;
      const { code, message } = error as NodeJS.ErrnoException;
      const reason = timeout.aborted ? 'no answer in time' : (code ?? message);
      throw new GatherError('STACK_NOT_RUNNING', `Airflow does not answer at ${base}: ${reason}`, {
        hints: ['gather status', 'gather up'],
        cause: error,
      });
    }
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

function bodyOf({ status, ok, text }: Answer, login: Login): Json {
  if (ok) {
    try {
      return JSON.parse(text) as Json;
    } catch {
      throw new RestError(status, "what answers there is not Airflow's REST API", ['gather status']);
    }
  }
  if (status === 401 || status === 403)
    throw new RestError(status, `Airflow does not let the user ${login.username} in`, [
      'gather up brings the user in Airflow in step with .env',
    ]);
  throw new RestError(status, `Airflow says ${status}: ${complaintOf(text)}`);
}

/** Airflow 2 has `title` and `detail`; Airflow 3 has `detail`, which is a text, an object, or what pydantic found. */
function complaintOf(text: string): string {
  try {
    const { title, detail } = JSON.parse(text) as Json;
    if (Array.isArray(detail))
      return (detail as { loc?: unknown[]; msg?: string }[])
        .map(({ loc = [], msg }) => `${loc.join('.')}: ${msg}`)
        .join('; ');
    if (detail && typeof detail === 'object')
      return String((detail as Json).message ?? JSON.stringify(detail));
    return [title, detail].filter(Boolean).join(': ') || text;
  } catch {
    return text.slice(0, 200);
  }
}

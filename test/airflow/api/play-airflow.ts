import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AirflowRest, type RestOptions } from '../../../src/airflow/api/rest.js';

type Json = Record<string, unknown>;

export interface PlayTask {
  task_id: string;
  map_index: number;
  state: string | null;
  try_number: number;
  start_date: string | null;
  end_date: string | null;
}

export interface PlayRun {
  dag_run_id: string;
  state: string;
  conf: unknown;
  start_date: string;
  end_date: string | null;
  tasks: PlayTask[];
}

interface PlayDag {
  dag_id: string;
  is_paused: boolean;
  schedule: string | null;
  file: string;
  last_parsed_time: string;
  /** The text of its file, as it was read. */
  code: string;
  runs: Map<string, PlayRun>;
}

/** An Airflow as its REST API shows it, in memory: /api/v1 with name and password, or /api/v2 with a token for them. */
export class PlayAirflow {
  readonly dags = new Map<string, PlayDag>();
  /** Path in Airflow's containers → traceback. */
  readonly broken = new Map<string, string>();
  /** `dag run task try` → what it wrote. */
  readonly logs = new Map<string, string[]>();
  /** How much of logs was handed out: characters of Airflow 2, lines of Airflow 3. */
  handedOut = 0;
  /** Requests, as `GET /api/v1/dags`. */
  readonly calls: string[] = [];
  readonly login = { username: 'ada', password: `p"ä:ss/\\` };
  /** Called before each look at a run: what happens in the meantime. */
  onLook: (run: PlayRun) => void = () => {};
  /** Answers no more when it is true, without closing the connection. */
  isHung = false;
  /** Answers 503 to everything, as a web server that starts. */
  isStarting = false;
  /** How many entries more than there are a list says that it has. */
  countsMore = 0;
  readonly #server: Server;

  private constructor(readonly major: number) {
    this.#server = createServer((request, response) => {
      if (this.isHung) return;
      if (this.isStarting) return response.writeHead(503).end('not yet');
      this.#answer(request).then(
        ({ status, body }) =>
          response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body)),
        (error) => response.writeHead(500).end(String(error)),
      );
    });
  }

  static async start(major: number): Promise<PlayAirflow> {
    const airflow = new PlayAirflow(major);
    await new Promise<void>((resolve) => airflow.#server.listen(0, '127.0.0.1', resolve));
    return airflow;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get base(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  rest(options: { password?: string } & Partial<RestOptions> = {}): AirflowRest {
    const { password = this.login.password, ...rest } = options;
    return new AirflowRest({
      base: this.base,
      major: this.major,
      login: { username: this.login.username, password },
      ...rest,
    });
  }

  addDag(id: string, more: Partial<PlayDag> = {}): PlayDag {
    const dag = {
      dag_id: id,
      is_paused: false,
      schedule: null,
      file: `/opt/airflow/dags/${id}.py`,
      last_parsed_time: '2026-01-01T00:00:00+00:00',
      code: '',
      runs: new Map(),
      ...more,
    };
    this.dags.set(id, dag);
    return dag;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage): Promise<{ status: number; body: unknown }> {
    const url = new URL(request.url ?? '', this.base);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = chunks.length ? (JSON.parse(Buffer.concat(chunks).toString()) as Json) : {};
    this.calls.push(`${request.method} ${url.pathname}`);
    const { username, password } = this.login;
    if (this.major === 3 && url.pathname === '/auth/token')
      return body.username === username && body.password === password
        ? { status: 201, body: { access_token: 'a-token' } }
        : { status: 401, body: { detail: 'Invalid credentials' } };
    const wanted =
      this.major === 3
        ? 'Bearer a-token'
        : `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
    if (request.headers.authorization !== wanted)
      return { status: 401, body: { title: 'Unauthorized', status: 401 } };
    const prefix = this.major === 3 ? '/api/v2/' : '/api/v1/';
    if (!url.pathname.startsWith(prefix)) return { status: 404, body: { detail: 'Not Found' } };
    const path = url.pathname.slice(prefix.length).split('/').map(decodeURIComponent);
    return this.#route(request.method ?? '', path, url.searchParams, body);
  }

  #route(method: string, path: string[], query: URLSearchParams, body: Json) {
    const [kind, id = '', , run = '', , task = '', , attempt = ''] = path;
    if (kind === 'importErrors') return this.#page('import_errors', this.#importErrors(), query);
    if (kind === 'dagSources') {
      const found = [...this.dags.values()].find(
        (one) => (this.major === 3 ? one.dag_id : tokenOf(one)) === id,
      );
      return found ? ok({ content: found.code }) : this.#notFound('Dag source');
    }
    if (kind !== 'dags') return this.#notFound(path.join('/'));
    if (path.length === 1) {
      const dags = [...this.dags.values()].filter((dag) => query.get('paused') !== 'true' || dag.is_paused);
      return this.#page(
        'dags',
        dags.map((dag) => this.#dag(dag)),
        query,
      );
    }
    const dag = this.dags.get(id);
    if (!dag) return this.#notFound(`Dag with id: '${id}'`);
    if (path.length === 2) {
      if (method === 'PATCH') dag.is_paused = body.is_paused === true;
      return ok(this.#dag(dag));
    }
    if (path.length === 3) return this.#trigger(dag, body);
    const found = dag.runs.get(run);
    if (!found) return this.#notFound(`DAGRun with DAG ID: '${id}' and DagRun ID: '${run}'`);
    if (path.length === 4) {
      this.onLook(found);
      return ok({ ...found, tasks: undefined });
    }
    if (path.length === 5) return this.#page('task_instances', found.tasks, query);
    const log = this.logs.get(`${id} ${run} ${task} ${attempt}`);
    const isRunning = found.tasks.some(
      (one) => one.task_id === task && String(one.try_number) === attempt && one.state === 'running',
    );
    return log ? ok(this.#logPart(log, query, isRunning)) : this.#notFound('TaskInstance');
  }

  #dag({ runs: _, code: __, schedule, file, ...dag }: PlayDag): Json {
    const description = schedule ? 'At 00:00' : 'Never, external triggers only';
    const common = { ...dag, fileloc: file, timetable_description: description };
    return this.major === 3
      ? { ...common, timetable_summary: schedule, is_stale: false }
      : {
          ...common,
          schedule_interval: schedule && { __type: 'CronExpression', value: schedule },
          is_active: true,
          file_token: tokenOf({ file }),
        };
  }

  #trigger(dag: PlayDag, body: Json) {
    if (this.major === 3 && body.logical_date === undefined)
      return { status: 422, body: { detail: [{ loc: ['body', 'logical_date'], msg: 'Field required' }] } };
    if ((body.conf as Json).name === 42) {
      const detail = "42 is not of type 'string'";
      return { status: 400, body: this.major === 3 ? { detail } : { title: 'Bad Request', detail } };
    }
    const run: PlayRun = {
      dag_run_id: `manual__${dag.runs.size + 1}+00:00`,
      state: 'queued',
      conf: body.conf,
      start_date: '2026-01-01T00:00:00+00:00',
      end_date: null,
      tasks: [],
    };
    dag.runs.set(run.dag_run_id, run);
    return ok({ ...run, tasks: undefined });
  }

  #importErrors(): Json[] {
    return [...this.broken].map(([file, stack_trace], i) => ({
      import_error_id: i,
      timestamp: '2026-01-01T00:00:00+00:00',
      filename: this.major === 3 ? file.replace('/opt/airflow/dags/', '') : file,
      stack_trace,
      bundle_name: 'dags-folder',
    }));
  }

  /**
   * What a log has more than the token says was read, as file_task_handler.py cuts it: characters in Airflow 2, lines in Airflow 3,
   * which gives no token for the end. Where it was read from stands before the first part only.
   */
  #logPart(log: string[], query: URLSearchParams, isRunning: boolean) {
    const token = query.get('full_content') === 'true' ? null : query.get('token');
    const from = Number(token?.replace('read to ', '') ?? 0);
    const whole = this.major === 3 ? log : log.join('\n');
    const fresh = whole.slice(from);
    this.handedOut += fresh.length;
    const ended = this.major === 3 && !isRunning;
    return {
      content: Array.isArray(fresh) ? this.#records(fresh, !token) : this.#listText(fresh, !token),
      continuation_token: ended ? null : `read to ${whole.length}`,
    };
  }

  /** Airflow 3. */
  #records(log: string[], isFirst: boolean): unknown {
    const header = [
      { event: '::group::Log message source details' },
      { event: '/opt/airflow/logs/1.log' },
      { event: '::endgroup::' },
    ];
    const lines = log.map((event) => ({ timestamp: '2026-01-01T00:00:00Z', event, level: 'info' }));
    return [...(isFirst ? header : []), ...lines];
  }

  /** Airflow 2: the repr() of a Python list, in a text. */
  #listText(log: string, isFirst: boolean): string {
    const text = `${isFirst ? '*** Found local files:\n***   * /opt/airflow/logs/1.log\n' : ''}${log}`;
    const repr = text.replace(/\\/g, '\\\\').replace(/'/g, "\\'").replace(/\n/g, '\\n');
    return `[('worker', '${repr}')]`;
  }

  #page(key: string, all: unknown[], query: URLSearchParams) {
    const offset = Number(query.get('offset') ?? 0);
    const limit = Math.min(100, Number(query.get('limit') ?? 100));
    return ok({ [key]: all.slice(offset, offset + limit), total_entries: all.length + this.countsMore });
  }

  #notFound(what: string) {
    const detail = `The ${what} was not found`;
    return { status: 404, body: this.major === 3 ? { detail } : { title: 'Not found', detail, status: 404 } };
  }
}

/** Airflow 2 signs a path, which may then be asked for. */
const tokenOf = ({ file }: { file: string }) => `signed ${file}`;

const ok = (body: unknown) => ({ status: 200, body });

import { cancelled } from '../../output/cancelled.js';
import { GatherError } from '../../output/errors.js';
import { type Answer, exchange } from './exchange.js';

export interface Login {
  username: string;
  password: string;
}

export interface CallOptions {
  /** Such as http://127.0.0.1:8080, without a slash at the end. */
  base: string;
  /** Airflow's major version, 2 or 3. */
  major: number;
  login: Login;
  /** How long one call may take. */
  timeoutMs?: number;
  signal?: AbortSignal | undefined;
}

/** How long Airflow is waited for where nobody says otherwise; in a place where a test can shorten it. */
export const CALL_LIMIT = { ms: 10_000 };

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

export type Json = Record<string, unknown>;

/** Airflow answers with no more than so many at once (`maximum_page_limit`). */
const PAGE = 100;

/** Calls of Airflow's REST API, with a login: /api/v1 of Airflow 2, /api/v2 of Airflow 3. */
export class RestCalls {
  readonly #options: CallOptions;
  readonly #v2: boolean;
  #authorization: Promise<string> | undefined;

  constructor(options: CallOptions) {
    this.#options = options;
    this.#v2 = options.major >= 3;
  }

  /** All that there is of a list, page after page; `path` has a question mark. */
  async all(path: string, key: string): Promise<Json[]> {
    const all: Json[] = [];
    for (;;) {
      const page = await this.json('GET', `${path}&limit=${PAGE}&offset=${all.length}`);
      const items = (page[key] ?? []) as Json[];
      all.push(...items);
      if (items.length === 0 || all.length >= Number(page.total_entries)) return all;
    }
  }

  /** Undefined for what Airflow does not have. */
  async find(path: string): Promise<Json | undefined> {
    try {
      return await this.json('GET', path);
    } catch (error) {
      if (error instanceof RestError && error.status === 404) return undefined;
      throw error;
    }
  }

  /** Throws RestError for what Airflow refuses, STACK_NOT_RUNNING when it does not answer, CANCELLED after the signal. */
  async json(method: string, path: string, body?: unknown): Promise<Json> {
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
    const { base, timeoutMs = CALL_LIMIT.ms, signal } = this.#options;
    const timeout = AbortSignal.timeout(timeoutMs);
    try {
      return await exchange(base + path, {
        method,
        headers: { accept: 'application/json', 'content-type': 'application/json', ...headers },
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
        body: body === undefined ? '' : JSON.stringify(body),
      });
    } catch (error) {
      if (signal?.aborted) throw cancelled('stopped while Airflow was asked', error);
      const { code, message } = error as NodeJS.ErrnoException;
      const reason = timeout.aborted ? 'no answer in time' : (code ?? message);
      throw new GatherError('STACK_NOT_RUNNING', `Airflow does not answer at ${base}: ${reason}`, {
        hints: ['gather status', 'gather up'],
        cause: error,
      });
    }
  }
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

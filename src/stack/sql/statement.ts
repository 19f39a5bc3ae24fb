import { setTimeout as sleep } from 'node:timers/promises';
import { cancelled } from '../../output/cancelled.js';
import { GatherError } from '../../output/errors.js';
import { type Message, send } from './send.js';
import type { SqlServer } from './server.js';
import { tokensOf } from './token.js';
import { parseRows } from './wide-numbers.js';

export interface Column {
  name: string;
  /** As SQL writes it. */
  type: string;
}

/** A part of what a statement gives, in the order in which it comes. */
export interface Page {
  /** Undefined while they are not known yet. */
  columns: Column[] | undefined;
  rows: unknown[][];
  /** What a statement that gives no rows has done, such as CREATE TABLE. */
  update: string | undefined;
  /** How many rows it has changed. */
  updated: number | undefined;
}

/** https://trino.io/docs/current/develop/client-protocol.html */
interface Answer {
  nextUri?: string;
  columns?: Column[];
  data?: unknown[][];
  updateType?: string;
  updateCount?: number;
  error?: {
    message: string;
    errorName: string;
    errorLocation?: { lineNumber: number; columnNumber: number };
  };
}

/** How long the server may take for one answer; one of a query that works on comes after a second at the latest. */
const ANSWER_MS = 30_000;
const PAUSE_MS = 100;
/** Of a server that is busy: the same request is to be sent again. */
const BUSY = [429, 502, 503, 504];
const BUSY_TIMES = 30;

/**
 * Has a statement run and gives what comes of it, page by page. After `signal`, and when nobody wants the rest, the server is told to
 * end it.
 * @throws QUERY_FAILED with the server's words and the line that they are about, STACK_NOT_RUNNING where nothing answers, CANCELLED
 */
export async function* run(server: SqlServer, statement: string, signal: AbortSignal): AsyncGenerator<Page> {
  const headers = {
    'X-Trino-User': server.user,
    'X-Trino-Source': 'gather',
    // without it, times come in milliseconds
    'X-Trino-Client-Capabilities': 'PARAMETRIC_DATETIME',
    ...(server.catalog === undefined ? {} : { 'X-Trino-Catalog': server.catalog }),
  };
  const { login } = server;
  const tokens = login && tokensOf(login, signal);
  const message = async (method: string, body?: string): Promise<Unsent> => ({
    method,
    headers: tokens ? { ...headers, Authorization: `Bearer ${await tokens()}` } : headers,
    body,
    authority: login?.authority,
  });
  const call = async (method: string, url: string, body?: string) =>
    ask(url, await message(method, body), signal);
  let next: string | undefined;
  try {
    let answer = await call('POST', `${server.address}/v1/statement`, statement);
    for (;;) {
      next = answer.nextUri;
      if (answer.error) throw failed(answer.error, statement);
      yield {
        columns: answer.columns?.map(({ name, type }) => ({ name, type })),
        rows: answer.data ?? [],
        update: answer.updateType,
        updated: answer.updateCount,
      };
      if (!next) return;
      answer = await call('GET', next);
    }
  } finally {
    if (next) await give(next, message('DELETE'));
  }
}

type Unsent = Omit<Message, 'signal'>;

/** Whether it arrives or not. */
async function give(url: string, message: Promise<Unsent>): Promise<void> {
  try {
    await send(url, { ...(await message), signal: AbortSignal.timeout(2000) });
  } catch {}
}

async function ask(url: string, request: Unsent, signal: AbortSignal): Promise<Answer> {
  for (let left = BUSY_TIMES; ; left--) {
    const { status, text } = await answerTo(url, request, signal);
    if (status === 200) return parseRows(text) as Answer;
    if (!BUSY.includes(status) || left === 0)
      throw new GatherError(
        'QUERY_FAILED',
        `${new URL(url).origin} answers ${status}: ${text.trim().slice(0, 300)}`,
      );
    await sleep(PAUSE_MS);
  }
}

async function answerTo(
  url: string,
  request: Unsent,
  signal: AbortSignal,
): Promise<{ status: number; text: string }> {
  try {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]);
    return await send(url, { ...request, signal: limit });
  } catch (error) {
    if (signal.aborted) throw cancelled('the query was stopped', error);
    throw new GatherError('STACK_NOT_RUNNING', `nothing answers at ${new URL(url).origin}`, {
      hints: ['gather up', 'gather status'],
      cause: error,
    });
  }
}

function failed(
  { message, errorLocation: at }: NonNullable<Answer['error']>,
  statement: string,
): GatherError {
  const line = at && statement.split('\n')[at.lineNumber - 1];
  const details = at && line !== undefined ? [line, `${' '.repeat(at.columnNumber - 1)}^`] : [];
  return new GatherError('QUERY_FAILED', message, { details });
}

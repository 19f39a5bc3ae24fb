import http from 'node:http';
import https from 'node:https';
import { LIMITS } from '../../engine/limits.js';
import { NoAnswer } from '../../engine/patience.js';

/** How minio's client makes a request. */
type Transport = Pick<typeof http, 'request'>;

/**
 * HTTP with an end to waiting: a server that falls silent is told as NoAnswer, however far the request or the answer had come, and
 * `signal` ends both. By itself minio's client would wait for ever.
 */
export function patient(protocol: string, signal?: AbortSignal): Transport {
  const { request } = protocol === 'https:' ? https : http;
  const ask = (options: http.RequestOptions, take: (answer: http.IncomingMessage) => void) => {
    const ms = isWork(options) ? LIMITS.work : LIMITS.answer;
    let answer: http.IncomingMessage | undefined;
    // (a timeout of Node's is of a socket on which nothing moves)
    const asked = request({ ...options, timeout: ms, signal }, (begun) => {
      answer = begun;
      take(begun);
    });
    return asked.on('timeout', () => (answer ?? asked).destroy(new NoAnswer(ms)));
  };
  return { request: ask as Transport['request'] };
}

/** What the server does on its disk before it says a word: copying an object, putting one together, removing a thousand. */
function isWork({ method, headers }: http.RequestOptions): boolean {
  return method === 'POST' || (headers !== undefined && 'x-amz-copy-source' in headers);
}

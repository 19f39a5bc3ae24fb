import { request } from 'node:http';
import { text as textFrom } from 'node:stream/consumers';

export interface Answer {
  status: number;
  ok: boolean;
  text: string;
}

export interface Exchange {
  method: string;
  headers: Record<string, string>;
  signal: AbortSignal;
  body: string;
}

/**
 * One request and its answer. Not by fetch: that of Node 20 never ends when the server closes the connection before it
 * answers, as the engine does for a port whose container does not listen yet, and gather ended with it, silently.
 */
export function exchange(url: string, { method, headers, signal, body }: Exchange): Promise<Answer> {
  return new Promise((resolve, reject) => {
    // a connection that is kept for the next call may be one that a restarted Airflow has closed
    const call = request(url, { method, headers, signal, agent: false }, (response) => {
      const status = response.statusCode ?? 0;
      const ok = status >= 200 && status < 300;
      textFrom(response).then((text) => resolve({ status, ok, text }), reject);
    });
    call.on('error', reject).end(body);
  });
}

import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { text as textFrom } from 'node:stream/consumers';

export interface Message {
  method: string;
  headers: Record<string, string>;
  body?: string | undefined;
  /** PEM of who has issued the server's certificate, beside those that Node trusts. */
  authority?: string | undefined;
  signal: AbortSignal;
}

/** One request and its answer. Not by fetch: that of Node 20 takes no authority of its own. */
export function send(
  url: string,
  { body = '', authority, ...options }: Message,
): Promise<{ status: number; text: string }> {
  const request = url.startsWith('https:') ? httpsRequest : httpRequest;
  const trust = authority === undefined ? {} : { ca: authority };
  return new Promise((resolve, reject) => {
    const call = request(url, { ...options, ...trust, agent: false }, (response) => {
      textFrom(response).then((text) => resolve({ status: response.statusCode ?? 0, text }), reject);
    });
    call.on('error', reject).end(body);
  });
}

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type { SqlServer } from '../../../src/stack/sql/server.js';

type Answer = { status?: number; body: unknown; hangs?: boolean };

/** A server that speaks Trino's protocol as a script has it: one answer after the other, `next` leads to the following one. */
export async function playServer(answers: Answer[]) {
  const calls: { method: string; path: string; headers: Record<string, unknown>; body: string }[] = [];
  let index = 0;
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    calls.push({ method: request.method ?? '', path: request.url ?? '', headers: request.headers, body });
    if (request.method === 'DELETE') return void response.writeHead(204).end();
    const answer = answers[index++];
    if (!answer || answer.hangs) return;
    const next = `http://${request.headers.host}/v1/statement/executing/${index}`;
    const text = JSON.stringify(answer.body).replace('"NEXT"', JSON.stringify(next));
    response.writeHead(answer.status ?? 200).end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const sqlServer: SqlServer = { address, user: 'me', catalog: 'lake', command: [] };
  return { server: sqlServer, calls };
}

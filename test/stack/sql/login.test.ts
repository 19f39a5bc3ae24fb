import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { type Page, run } from '../../../src/stack/sql/statement.js';
import { tokensOf } from '../../../src/stack/sql/token.js';
import { playServer } from './play-server.js';

const never = new AbortController().signal;

/** Gives one token after the other, t1 first, that live so many seconds each. */
async function playTokens(lives: number, status = 200) {
  const forms: URLSearchParams[] = [];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    forms.push(new URLSearchParams(body));
    response.writeHead(status).end(JSON.stringify({ access_token: `t${forms.length}`, expires_in: lives }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const token = `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`;
  return { forms, login: { token, client: 'lake', secret: 's=&%ü', authority: '' } };
}

test('each call of a statement has the token, which is asked for once while it lives', async () => {
  const { forms, login } = await playTokens(300);
  const { server, calls } = await playServer([{ body: { nextUri: 'NEXT' } }, { body: { data: [[1]] } }]);
  const pages: Page[] = [];
  for await (const page of run({ ...server, login }, 'SELECT 1', never)) pages.push(page);
  expect(pages.at(-1)?.rows).toEqual([[1]]);
  expect(calls.map(({ headers }) => headers.authorization)).toEqual(['Bearer t1', 'Bearer t1']);
  expect(forms.map((form) => Object.fromEntries(form))).toEqual([
    { grant_type: 'client_credentials', client_id: 'lake', client_secret: 's=&%ü' },
  ]);
});

test('one that is about to end is not used any more', async () => {
  const { login } = await playTokens(20);
  const next = tokensOf(login, never);
  expect([await next(), await next()]).toEqual(['t1', 't2']);
});

test('a refusal names the client and the status, and not the secret', async () => {
  const { login } = await playTokens(0, 401);
  const error = await tokensOf(login, never)().catch((error: unknown) => error);
  expect(error).toMatchObject({ code: 'QUERY_FAILED', message: `${login.token} gives lake no token: 401` });
  expect(JSON.stringify(error)).not.toContain(login.secret);
});

test('where nothing answers is said', async () => {
  const login = { token: 'http://127.0.0.1:9/token', client: 'lake', secret: 's', authority: '' };
  await expect(tokensOf(login, never)()).rejects.toMatchObject({ code: 'STACK_NOT_RUNNING' });
});

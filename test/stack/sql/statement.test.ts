import { describe, expect, test } from 'vitest';
import type { SqlServer } from '../../../src/stack/sql/server.js';
import { type Page, run } from '../../../src/stack/sql/statement.js';
import { playServer } from './play-server.js';

const never = new AbortController().signal;

async function all(server: SqlServer, statement: string, signal = never): Promise<Page[]> {
  const pages: Page[] = [];
  for await (const page of run(server, statement, signal)) pages.push(page);
  return pages;
}
const next = { nextUri: 'NEXT' };
const columns = [{ name: 'a', type: 'bigint', typeSignature: {} }];

test('is sent as it is, and its pages are followed to the end', async () => {
  const { server, calls } = await playServer([
    { body: next },
    { status: 503, body: 'busy' },
    { body: { ...next, columns, data: [[1], [2]] } },
    { body: { columns, data: [[3]] } },
  ]);
  const pages = await all(server, "SELECT 'ä'");
  expect(pages.flatMap(({ rows }) => rows)).toEqual([[1], [2], [3]]);
  expect(pages.at(-1)?.columns).toEqual([{ name: 'a', type: 'bigint' }]);
  expect(calls.map(({ method, path }) => `${method} ${path}`)).toEqual([
    'POST /v1/statement',
    'GET /v1/statement/executing/1',
    'GET /v1/statement/executing/1',
    'GET /v1/statement/executing/3',
  ]);
  expect(calls[0]?.body).toBe("SELECT 'ä'");
  expect(calls[0]?.headers).toMatchObject({ 'x-trino-user': 'me', 'x-trino-catalog': 'lake' });
});

test('that gives no rows says what it has done', async () => {
  const { server } = await playServer([{ body: { updateType: 'INSERT', updateCount: 3 } }]);
  expect(await all(server, 'INSERT …')).toMatchObject([{ rows: [], update: 'INSERT', updated: 3 }]);
});

test("that is wrong is told in the server's words, with the line that they are about", async () => {
  const error = {
    message: "line 2:3: Column 'b' cannot be resolved",
    errorName: 'COLUMN_NOT_FOUND',
    errorLocation: { lineNumber: 2, columnNumber: 3 },
    failureInfo: { stack: ['io.trino.at.Somewhere'] },
  };
  const { server, calls } = await playServer([{ body: { error } }]);
  const failed = await all(server, 'SELECT\n  b').catch((thrown) => thrown);
  expect(failed).toMatchObject({
    code: 'QUERY_FAILED',
    exitCode: 1,
    message: error.message,
    details: ['  b', '  ^'],
  });
  expect(JSON.stringify(failed)).not.toContain('io.trino');
  expect(calls).toHaveLength(1);
});

describe('the server is told to end it', () => {
  test('when somebody does not want it any more, while it works', async () => {
    const { server, calls } = await playServer([{ body: next }, { body: {}, hangs: true }]);
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 200);
    await expect(all(server, 'SELECT 1', stop.signal)).rejects.toMatchObject({
      code: 'CANCELLED',
      exitCode: 130,
    });
    expect(calls.at(-1)).toMatchObject({ method: 'DELETE', path: '/v1/statement/executing/1' });
  });

  test('when nobody reads the rest', async () => {
    const { server, calls } = await playServer([{ body: { ...next, data: [[1]] } }]);
    for await (const _ of run(server, 'SELECT 1', never)) break;
    expect(calls.at(-1)).toMatchObject({ method: 'DELETE', path: '/v1/statement/executing/1' });
  });
});

test('what is no answer is told: another status, and nobody there', async () => {
  const { server } = await playServer([{ status: 403, body: 'no entry' }]);
  await expect(all(server, 'SELECT 1')).rejects.toMatchObject({
    message: expect.stringMatching(/answers 403: "no entry"/),
  });
  await expect(all({ ...server, address: 'http://127.0.0.1:1' }, 'SELECT 1')).rejects.toMatchObject({
    code: 'STACK_NOT_RUNNING',
    message: 'nothing answers at http://127.0.0.1:1',
  });
});

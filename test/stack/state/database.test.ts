import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { GatherError } from '../../../src/output/errors.js';
import { errorText } from '../../../src/output/output.js';
import { init } from '../../../src/setup/init.js';
import { type OpenProject, openProject } from '../../../src/stack/open.js';
import { initExternalDatabase } from '../../../src/stack/state/database.js';

const HOME = fileURLToPath(new URL('../../..', import.meta.url));
let open: OpenProject;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gather-database-'));
  await init({
    folder,
    compose: join(HOME, 'compose'),
    examples: HOME,
    set: new Map(),
    rotate: new Set(),
    rederive: new Set(),
  });
  open = openProject(folder, HOME);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What a person reads when an administrator's address leads nowhere. */
async function told(url: string): Promise<string> {
  const error: unknown = await initExternalDatabase(open, url, new AbortController().signal).catch(
    (thrown: unknown) => thrown,
  );
  if (error instanceof GatherError && error.code === 'DATABASE_FAILED') return errorText(error);
  throw error;
}

test.each([
  ['postgresql://admin:50%off-now@127.0.0.1:1/postgres'],
  ['postgresql://adm%in:50%25off-now@127.0.0.1:1/postgres'],
  ['postgresql://admin:50%25off-now@127.0.0.1:1/po%st'],
  ['mysql://admin:50%25off-now@127.0.0.1:1/postgres'],
  ['50%off-now'],
])('%s is said to be no address, and not repeated', async (url) => {
  const text = await told(url);
  expect(text).toContain('that is not the URL of a PostgreSQL');
  expect(text).toContain('% is %25');
  expect(text).not.toContain('off-now');
});

test('why a good address leads nowhere is said, without its password', async () => {
  const text = await told('postgresql://admin:50%25off-now@127.0.0.1:1/postgres');
  expect(text).toContain('ECONNREFUSED');
  expect(text).toContain('nothing listens at that host and port');
  expect(text).not.toMatch(/off-now/);
});

test('a server that says nothing is left as soon as the person says so', async () => {
  const silent = createServer().listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const stop = new AbortController();
  silent.once('connection', () => stop.abort());
  const { port } = silent.address() as AddressInfo;
  const url = `postgresql://admin:x@127.0.0.1:${port}/postgres`;
  const started = Date.now();
  await expect(initExternalDatabase(open, url, stop.signal)).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(Date.now() - started).toBeLessThan(3000);
  silent.close();
});

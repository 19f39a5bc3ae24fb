import { readdirSync, readFileSync, statSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { LIMITS } from '../../../src/engine/limits.js';
import { eachOf } from '../../../src/stack/objects/commands.js';
import { S3Store } from '../../../src/stack/objects/store.js';
import { emptyFolder, external, MANIFEST, project, server } from './play-s3.js';

const NOT_STOPPED = new AbortController().signal;

const DENIED = `<DeleteResult><Error><Key>b</Key><Code>AccessDenied</Code><Message>Access Denied.</Message></Error>
  <Error><Key>c</Key><Code>InternalError</Code></Error></DeleteResult>`;

test('what the server refuses to remove is an error that names it', async () => {
  const { port } = await server((_, response) => response.end(DENIED));
  const store = await S3Store.open(external(`http://127.0.0.1:${port}`), { bucket: 'airflow-logs' });
  await expect(store.remove('airflow-logs', ['a', 'b', 'c'])).rejects.toMatchObject({
    code: 'S3_FAILED',
    message: '2 of 3 objects were not removed',
    details: ['s3://airflow-logs/b: Access Denied.', 's3://airflow-logs/c: InternalError'],
  });
});

describe('a server of your own', () => {
  const empty: RequestListener = (_, response) =>
    response.end('<ListBucketResult><KeyCount>0</KeyCount></ListBucketResult>');

  test('is reached from this machine, with the key that a component declares for the bucket, else with that of the shell', async () => {
    const { port, keys } = await server(empty);
    const open = external(`http://host.docker.internal:${port}`);
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'of-the-shell');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret-of-the-shell');
    onTestFinished(() => void vi.unstubAllEnvs());
    for (const bucket of ['airflow-logs', 'other'])
      await (await S3Store.open(open, { bucket })).tree({ kind: 's3', bucket, key: '' });
    expect(keys).toEqual(['airflow-logs', 'of-the-shell']);
  });

  test('has its keys from the offers that MinIO would collect', async () => {
    const { port, keys } = await server(empty);
    const lake = `x-gather:
  summary: A lake
  requires: [minio]
  offers:
    bucket: [{ user: LAKE, buckets: "raw,\${CLEAN}", access_key: lake, secret_key: "\${LAKE}" }]
`;
    const open = project({
      'gather.yaml': `${MANIFEST}components: [external-s3, lake]\n`,
      'compose/components/lake.yaml': lake,
      '.env': `S3_ENDPOINT=http://127.0.0.1:${port}\nCLEAN=clean\nLAKE=secret-of-lake\n`,
    });
    for (const bucket of ['raw', 'clean'])
      await (await S3Store.open(open, { bucket })).tree({ kind: 's3', bucket, key: '' });
    expect(keys).toEqual(['lake', 'lake']);
  });

  test('may be a component that says where it is, and has an administrator', async () => {
    const { port, keys } = await server(empty);
    const own = `x-gather:
  summary: Another server
  replaces: [minio]
  variables:
    S3_ENDPOINT: { default: "http://other:8333" }
    S3_REGION: { default: here }
    OTHER_PORT: { default: 8333, type: port }
  s3: { address: "http://\${GATHER_BIND:-127.0.0.1}:\${OTHER_PORT}", access_key: admin, secret_key: "\${OTHER_SECRET}" }
services:
  other: { image: other }
`;
    const open = project({
      'gather.yaml': `${MANIFEST}components: [other]\n`,
      'compose/components/other.yaml': own,
      '.env': `GATHER_BIND=0.0.0.0\nOTHER_PORT=${port}\nOTHER_SECRET=secret-of-other\n`,
    });
    await (await S3Store.open(open, { bucket: 'airflow-logs' })).tree({
      kind: 's3',
      bucket: 'airflow-logs',
      key: '',
    });
    expect(keys).toEqual(['admin']);
  });

  test.each(['s3.example:9000', 'http://', 'http://:9000', 'ftp://s3.example'])(
    'is not at %s',
    async (endpoint) => {
      await expect(S3Store.open(external(endpoint), { bucket: 'airflow-logs' })).rejects.toMatchObject({
        code: 'ENV_INVALID',
        message: 'S3_ENDPOINT gives no http or https URL with a host',
        hints: ['gather env set S3_ENDPOINT …'],
      });
    },
  );
});

describe('a download', () => {
  const from = { kind: 's3', bucket: 'airflow-logs', key: 'a' } as const;
  const TIME = 'Wed, 01 Jan 2025 12:00:00 GMT';

  test('has the time of its object', async () => {
    const { port } = await server((_, response) => {
      response.setHeader('last-modified', TIME);
      response.end('hello');
    });
    const folder = emptyFolder();
    const store = await S3Store.open(external(`http://127.0.0.1:${port}`), { bucket: 'airflow-logs' });
    await store.download(from, join(folder, 'deep/a'));
    expect(readFileSync(join(folder, 'deep/a'), 'utf8')).toBe('hello');
    expect(statSync(join(folder, 'deep/a')).mtime).toEqual(new Date(TIME));
    expect(readdirSync(join(folder, 'deep'))).toEqual(['a']);
  });

  test('leaves nothing when it is stopped, or when the server goes away', async () => {
    const folder = emptyFolder();
    const stop = new AbortController();
    let reached = (): void => {};
    const { port } = await server((request, response) => {
      response.setHeader('content-length', 100);
      response.write('hello');
      if (request.url?.endsWith('/b')) response.destroy();
      else reached();
    });
    const open = external(`http://127.0.0.1:${port}`);
    const store = await S3Store.open(open, { bucket: 'airflow-logs', signal: stop.signal });
    await expect(store.download({ ...from, key: 'b' }, join(folder, 'b'))).rejects.toMatchObject({
      code: 'STACK_NOT_RUNNING',
    });
    reached = () => setTimeout(() => stop.abort(), 50);
    await expect(store.download(from, join(folder, 'a'))).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('a server that hangs', () => {
  const place = { kind: 's3', bucket: 'airflow-logs', key: 'a' } as const;
  const before = { ...LIMITS };
  beforeEach(() => Object.assign(LIMITS, { answer: 300, work: 500 }));
  afterEach(() => Object.assign(LIMITS, before));

  /** @param says how much of an answer it gives before it falls silent */
  async function hanging(says: RequestListener = () => {}, signal?: AbortSignal) {
    const { port } = await server(says);
    const open = external(`http://127.0.0.1:${port}`);
    const store = await S3Store.open(open, { bucket: 'airflow-logs', ...(signal && { signal }) });
    return { store, endpoint: `http://127.0.0.1:${port}` };
  }
  const half: RequestListener = (_, response) => {
    response.setHeader('content-length', 100);
    response.write('<ListBucket');
  };

  test.each([
    ['buckets', (store: S3Store) => store.buckets()],
    ['list', (store: S3Store) => store.list(place, true)],
    ['tree', (store: S3Store) => store.tree(place)],
    ['upload', (store: S3Store) => store.upload(fileURLToPath(import.meta.url), place)],
    ['download', (store: S3Store) => store.download(place, join(emptyFolder(), 'a'))],
    ['copy', (store: S3Store) => store.copy(place, { ...place, key: 'b' })],
    ['exists', (store: S3Store) => store.exists(place)],
    ['remove', (store: S3Store) => store.remove('airflow-logs', ['a'])],
  ])('is named, whatever it is asked for: %s', async (what, ask) => {
    const { store, endpoint } = await hanging();
    const started = Date.now();
    const limit = what === 'remove' ? 0.5 : 0.3;
    await expect(ask(store)).rejects.toMatchObject({
      code: 'S3_FAILED',
      message: `the S3 server at ${endpoint} does not answer: no answer within ${limit} s`,
    });
    expect(Date.now() - started).toBeLessThan(3000);
  });

  test('in the middle of its answer is named, too, and leaves no half of a file', async () => {
    const { store, endpoint } = await hanging(half);
    const told = { message: `the S3 server at ${endpoint} does not answer: no answer within 0.3 s` };
    await expect(store.list(place, true)).rejects.toMatchObject(told);
    const folder = emptyFolder();
    await expect(store.download(place, join(folder, 'a'))).rejects.toMatchObject(told);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('and is slow, but goes on, is waited for', async () => {
    const { store } = await hanging((_, response) => {
      response.setHeader('content-length', 6);
      for (const [i, letter] of [...'slowly'].entries())
        setTimeout(() => response.write(letter), 150 * (i + 1));
    });
    const file = join(emptyFolder(), 'a');
    await store.download(place, file);
    expect(readFileSync(file, 'utf8')).toBe('slowly');
  });

  test('is left at once when the person says so', async () => {
    Object.assign(LIMITS, before);
    const stop = new AbortController();
    const { store } = await hanging(() => stop.abort(), stop.signal);
    const started = Date.now();
    await expect(store.list(place, true)).rejects.toMatchObject({ code: 'CANCELLED', exitCode: 130 });
    expect(Date.now() - started).toBeLessThan(3000);
  });
});

test('what is done for each begins nothing after an error, and waits for what is on its way', async () => {
  const begun: number[] = [];
  let ended = 0;
  const work = async (item: number) => {
    begun.push(item);
    if (item === 2) throw new Error('two');
    await new Promise((resolve) => setTimeout(resolve, 20));
    ended++;
  };
  const items = Array.from({ length: 20 }, (_, i) => i);
  await expect(eachOf(items, NOT_STOPPED, work)).rejects.toThrow('two');
  expect([begun.length, ended]).toEqual([8, 7]);
});

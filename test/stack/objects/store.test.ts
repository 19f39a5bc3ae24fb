import { readdirSync, readFileSync, statSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { eachOf } from '../../../src/stack/objects/commands.js';
import { S3Store } from '../../../src/stack/objects/store.js';
import { emptyFolder, external, MANIFEST, project, server } from './play-s3.js';

const NOT_STOPPED = new AbortController().signal;

const DENIED = `<DeleteResult><Error><Key>b</Key><Code>AccessDenied</Code><Message>Access Denied.</Message></Error>
  <Error><Key>c</Key><Code>InternalError</Code></Error></DeleteResult>`;

test('what the server refuses to remove is an error that names it', async () => {
  const { port } = await server((_, response) => response.end(DENIED));
  const store = await S3Store.open(external(`http://127.0.0.1:${port}`), 'airflow-logs');
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
      await (await S3Store.open(open, bucket)).tree({ kind: 's3', bucket, key: '' });
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
      await (await S3Store.open(open, bucket)).tree({ kind: 's3', bucket, key: '' });
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
    await (await S3Store.open(open, 'airflow-logs')).tree({ kind: 's3', bucket: 'airflow-logs', key: '' });
    expect(keys).toEqual(['admin']);
  });

  test.each(['s3.example:9000', 'http://', 'http://:9000', 'ftp://s3.example'])(
    'is not at %s',
    async (endpoint) => {
      await expect(S3Store.open(external(endpoint), 'airflow-logs')).rejects.toMatchObject({
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
    const store = await S3Store.open(external(`http://127.0.0.1:${port}`), 'airflow-logs');
    await store.download(from, join(folder, 'deep/a'), NOT_STOPPED);
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
    const store = await S3Store.open(external(`http://127.0.0.1:${port}`), 'airflow-logs');
    reached = () => setTimeout(() => stop.abort(), 50);
    await expect(store.download(from, join(folder, 'a'), stop.signal)).rejects.toMatchObject({
      code: 'CANCELLED',
    });
    await expect(store.download({ ...from, key: 'b' }, join(folder, 'b'), NOT_STOPPED)).rejects.toMatchObject(
      { code: 'STACK_NOT_RUNNING' },
    );
    expect(readdirSync(folder)).toEqual([]);
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

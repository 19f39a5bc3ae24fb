import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { containersOf, docker, dockerOk, type Inspected, startsOf, until } from './docker.js';
import { emptyFolder, gather, gatherJson, gatherOk, ODD } from './gather.js';
import { S3Client } from './s3-client.js';

/** Two users: `writer` with the buckets first and second.one, `reader` with a bucket of its own, who may also read first. */
const COMPONENT = fileURLToPath(new URL('../fixtures/components/s3-client.yaml', import.meta.url));
const cwd = emptyFolder('s3');
let containers: Map<string, Inspected>;
let writer: S3Client;
let reader: S3Client;

beforeAll(async () => {
  for (const name of ['components', 'topologies']) mkdirSync(join(cwd, 'compose', name), { recursive: true });
  copyFileSync(COMPONENT, join(cwd, 'compose/components/s3-client.yaml'));
  writeFileSync(
    join(cwd, 'compose/topologies/s3.yaml'),
    'summary: S3 alone\ncomponents: [minio, s3-client]\n',
  );
  const settings = [
    `S3_WRITER_SECRET=${ODD.webPassword}`,
    `MINIO_ROOT_PASSWORD=${ODD.airflowPassword}`,
    // containers of another stack reach it, too
    'GATHER_BIND=0.0.0.0',
  ];
  await gatherOk(
    ['init', '--yes', '--topology', 's3', ...settings.flatMap((setting) => ['--set', setting])],
    { cwd },
  );
  await up();
  writer = await user('writer', ODD.webPassword);
  reader = await user('reader', await envValue('S3_READER_SECRET'));
});
afterAll(async () => {
  await gatherOk(['down', '--volumes', '--yes'], { cwd });
  rmSync(cwd, { recursive: true });
});

async function up(): Promise<void> {
  await gatherOk(['up', '--yes'], { cwd });
  containers = await containersOf(cwd);
}
const envValue = async (name: string) =>
  (await gatherJson<{ value: string }>(['env', 'get', name], { cwd })).value;
const idOf = (service: string) => containers.get(`${service}-1`)?.Id ?? '';
const user = (accessKey: string, secretKey: string) =>
  S3Client.as(idOf('minio'), accessKey, { accessKey, secretKey });
const set = (name: string, value: string) => gatherOk(['env', 'set', name], { cwd, input: value });
/** Runs s3-init again as it is. Returns its exit code. */
const initAgain = async () => {
  await dockerOk(['start', idOf('s3-init')]);
  return Number(await dockerOk(['wait', idOf('s3-init')]));
};

test('a user writes and reads its own buckets, and sees no others', async () => {
  for (const bucket of ['first', 'second.one']) {
    expect((await writer.put(`${bucket}/folder/ä b.txt`, 'hello')).code).toBe(0);
    expect(await writer.get(`${bucket}/folder/ä b.txt`)).toBe('hello');
  }
  expect((await writer.mc(['rm'], 'second.one/folder/ä b.txt')).code).toBe(0);
  expect((await writer.mc(['ls'])).stdout).toMatch(/first\/\n.*second\.one\/$/);
  expect((await reader.mc(['ls'])).stdout).toMatch(/first\/\n.*own\/$/);
});

describe('what nobody allowed', () => {
  const denied = (call: Promise<{ code: number; stdout: string; stderr: string }>) =>
    expect(call).resolves.toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/Access Denied|Insufficient permissions/),
    });

  test('is writing to a bucket that is only to be read', async () => {
    expect(await reader.get('first/folder/ä b.txt')).toBe('hello');
    await denied(reader.put('first/mine', 'x'));
    await denied(reader.mc(['rm'], 'first/folder/ä b.txt'));
    expect(await writer.get('first/folder/ä b.txt')).toBe('hello');
  });

  test('is another bucket', async () => {
    await denied(writer.mc(['ls'], 'own'));
    await denied(writer.put('own/mine', 'x'));
    await denied(reader.mc(['ls'], 'second.one'));
    await denied(reader.mc(['stat'], 'second.one/any'));
  });

  test('is making or removing a bucket, opening it to the world, and administration', async () => {
    await denied(writer.mc(['mb'], 'third'));
    await denied(writer.mc(['rb'], 'second.one'));
    await denied(writer.mc(['anonymous', 'set', 'public'], 'first'));
    await denied(writer.mc(['admin', 'info']));
    await denied(writer.mc(['admin', 'user', 'list']));
  });

  test('is coming without a key', async () => {
    const url = `http://127.0.0.1:${await envValue('S3_PORT')}/first/folder/%C3%A4%20b.txt`;
    expect((await fetch(url)).status).toBe(403);
  });
});

test('s3-init once more, and once more up, leave everything as it is', async () => {
  expect([await initAgain(), await initAgain()]).toEqual([0, 0]);
  expect(await writer.keys('first')).toEqual(['folder/ä b.txt']);
  const before = startsOf(await containersOf(cwd));
  await up();
  expect(startsOf(containers)).toEqual(before);
});

test('a key that is changed in .env counts after the next up, and the one before no longer does', async () => {
  const secret = `n3w ${ODD.redisPassword}`;
  await set('S3_WRITER_SECRET', secret);
  await up();
  expect((await writer.mc(['ls'])).stderr).toContain('signature');
  writer = await user('writer', secret);
  expect(await writer.get('first/folder/ä b.txt')).toBe('hello');

  await set('S3_WRITER_KEY', 'author');
  await up();
  expect((await writer.mc(['ls'], 'first')).stderr).toContain('Access Denied');
  writer = await user('author', secret);
  expect(await writer.get('first/folder/ä b.txt')).toBe('hello');
});

test('MinIO may start late', async () => {
  await dockerOk(['stop', idOf('minio')]);
  await dockerOk(['start', idOf('s3-init')]);
  const { State } = JSON.parse(await dockerOk(['inspect', '--format', '{{json .}}', idOf('s3-init')]));
  expect(State.Status).toBe('running');
  await new Promise((resolve) => setTimeout(resolve, 3000));
  await dockerOk(['start', idOf('minio')]);
  expect(await dockerOk(['wait', idOf('s3-init')])).toBe('0');
  await until(
    () => writer.mc(['ls'], 'first'),
    ({ code }) => code === 0,
  );
});

describe('s3-init says in one line what is wrong', () => {
  const init = (...env: string[]) =>
    docker([
      'run',
      '--rm',
      '--network',
      `container:${idOf('minio')}`,
      ...[
        'S3_ENDPOINT=http://127.0.0.1:9000',
        'MINIO_ROOT_USER=nobody',
        'MINIO_ROOT_PASSWORD=wr0ng-one',
        ...env,
      ].flatMap((one) => ['--env', one]),
      '--entrypoint',
      's3-init',
      containers.get('minio-1')?.Config.Image ?? '',
    ]);
  const keys = ['S3_A_ACCESS_KEY=a', 'S3_A_SECRET_KEY=hunter-2'];

  test.each([
    ['a name', ['S3_A_BUCKETS=Logs', ...keys], '"Logs" cannot be the name of a bucket'],
    ['keys', ['S3_A_BUCKETS=logs'], 'S3_A needs S3_A_ACCESS_KEY and S3_A_SECRET_KEY'],
    ['the administrator', ['S3_A_BUCKETS=logs', ...keys], 'does not exist in our records'],
    [
      'one access key with two secrets',
      ['S3_A_BUCKETS=logs', ...keys, 'S3_B_READS=logs', 'S3_B_ACCESS_KEY=a', 'S3_B_SECRET_KEY=hunter-2b'],
      'S3_A_SECRET_KEY and S3_B_SECRET_KEY differ, and both go with the access key a',
    ],
    [
      'the server',
      ['S3_ENDPOINT=http://127.0.0.1:9', 'S3_INIT_WAIT=1'],
      'MinIO at http://127.0.0.1:9 does not answer: curl: (7)',
    ],
  ])('about %s', async (_, env, message) => {
    const { code, stdout, stderr } = await init(...env);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toMatch(/^s3-init: .*\n?$/);
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/hunter-2|wr0ng-one/);
  });
});

describe('another stack, with this server as its external-s3', () => {
  const other = emptyFolder('external-s3');
  const s3 = (...args: string[]) => gather(['s3', ...args], { cwd: other });

  beforeAll(async () => {
    const settings = [
      `S3_ENDPOINT=http://host.docker.internal:${await envValue('S3_PORT')}`,
      'S3_LOGS_BUCKET=own',
      'S3_LOGS_ACCESS_KEY=reader',
      `S3_LOGS_SECRET_KEY=${await envValue('S3_READER_SECRET')}`,
    ];
    const init = ['init', '--yes', '--topology', 'clever-cloud', '--component', 'external-s3'];
    await gatherOk([...init, ...settings.flatMap((setting) => ['--set', setting])], { cwd: other });
    await gatherOk(['up', '--yes'], { cwd: other });
  });
  afterAll(async () => {
    await gatherOk(['down', '--volumes', '--yes'], { cwd: other });
    rmSync(other, { recursive: true });
  });

  test('keeps the logs of its tasks there', async () => {
    expect([...(await containersOf(other)).keys()].join()).not.toMatch(/minio|s3-init/);
    await gatherOk(['dags', 'trigger', 'hello_taskflow', '--unpause', '--wait'], { cwd: other });
    // uploaded by the process beside the task, which ends a moment after it
    const keys = await until(
      () => reader.keys('own'),
      (all) => all.some((key) => /hello_taskflow.*task_id=say/.test(key)),
      20,
    );
    const key = keys.find((one) => one.includes('task_id=say'));
    expect((await s3('cp', `s3://own/${key}`, 'say.log')).code).toBe(0);
    expect(readFileSync(join(other, 'say.log'), 'utf8')).toContain('Hello, world!');
  });

  test('reads and writes with the key of the bucket, and says what that may not remove', async () => {
    expect((await s3('cp', 'say.log', 's3://own/in/')).code).toBe(0);
    expect((await s3('ls', 's3://own/in/')).stdout).toContain('in/say.log');
    expect((await s3('rm', 's3://own/in/say.log')).stdout).toBe('removed: s3://own/in/say.log');
    expect(await reader.keys('own/in')).toEqual([]);

    await gatherOk(['env', 'set', 'S3_LOGS_BUCKET', 'first'], { cwd: other });
    const refused = await s3('rm', 's3://first/folder/ä b.txt');
    expect([refused.code, refused.stdout]).toEqual([1, '']);
    expect(refused.stderr).toContain('s3://first/folder/ä b.txt: Access Denied');
    expect(await writer.keys('first')).toContain('folder/ä b.txt');
  });
});

test('no secret stands in compose.yaml, in an argument or in a log', async () => {
  const secrets = await Promise.all(
    ['MINIO_ROOT_PASSWORD', 'S3_WRITER_SECRET', 'S3_READER_SECRET'].map(envValue),
  );
  const logs = await gatherOk(['logs', 'minio', 's3-init'], { cwd });
  const commands = [...containers.values()].map(({ Path, Args }) => [Path, ...Args].join(' '));
  const text = [
    readFileSync(join(cwd, 'compose.yaml'), 'utf8'),
    logs.stdout,
    logs.stderr,
    ...commands,
  ].join();
  for (const secret of secrets) expect(text).not.toContain(secret);
});

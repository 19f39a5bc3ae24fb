import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { containersOf, startsOf } from './docker.js';
import { emptyFolder, gather, gatherJson, gatherOk } from './gather.js';

/** A stack of two Redis, which starts in a second: what is asked here is not Airflow's to answer. */
const FILES = {
  'compose/topologies/small.yaml': 'summary: Redis twice\ncomponents: [redis, page]\n',
  'compose/components/page.yaml': `
x-gather:
  summary: A Redis that this machine reaches
  variables:
    PAGE_PORT: { default: 47331, type: port, ask: Its port on this machine }
  links: { Page: "http://localhost:\${PAGE_PORT}/" }
  ready:
    - { service: page, exec: [redis-cli, ping], says: it answers }
services:
  page:
    image: \${REDIS_IMAGE}
    command: [redis-server, --protected-mode, "no"]
    ports: ["127.0.0.1:\${PAGE_PORT}:6379"]
    networks: [broker]
networks: { broker: }
`,
};

const hasIPv6 = Object.values(networkInterfaces()).some((all) =>
  all?.some(({ address }) => address === '::1'),
);
const ADDRESS = hasIPv6 ? '::1' : '127.0.0.1';
/** More of one service, another port of one, a service of its own with a range, and one with a profile. */
const OVERRIDE = `
services:
  redis: { deploy: { replicas: 2 } }
  page:
    ports: ["${hasIPv6 ? '[::1]' : ADDRESS}:\${OTHER_PORT:-47332}:6379"]
  extra:
    image: \${REDIS_IMAGE}
    command: [redis-server, --protected-mode, "no"]
    extra_hosts: ["elsewhere:192.0.2.7"]
    environment: { WORD: "\${WORD:?say it}" }
    ports: ["127.0.0.1:47333-47334:6379-6380"]
  spare:
    image: \${REDIS_IMAGE}
    command: [redis-server]
    profiles: [mine]
`;

let cwd: string;
const override = () => writeFileSync(join(cwd, 'compose.override.yaml'), OVERRIDE);

beforeAll(async () => {
  cwd = emptyFolder('override');
  for (const [path, text] of Object.entries(FILES)) {
    mkdirSync(join(cwd, path, '..'), { recursive: true });
    writeFileSync(join(cwd, path), text);
  }
  await gatherOk(['init', '--yes', '--topology', 'small'], { cwd });
  appendFileSync(join(cwd, '.env'), `\nWORD='a "b" $5'\n`);
  await gatherOk(['up', '--yes'], { cwd });
  override();
});
afterAll(async () => {
  await gather(['down', '--volumes', '--yes'], { cwd });
  rmSync(cwd, { recursive: true });
});

/** What the Redis behind a port says to PING. */
function ping(port: number, host = '127.0.0.1'): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host }, () => socket.write('PING\r\n'));
    socket.once('error', reject).once('data', (answer) => {
      resolve(answer.toString().trim());
      socket.destroy();
    });
  });
}

describe('an override that more is wanted by', () => {
  test('is what status misses, and what up brings', async () => {
    const before = await gather(['status'], { cwd });
    expect(before.code).toBe(4);
    expect(before.stdout).toMatch(/extra +missing/);
    expect(before.stdout).toContain('redis: 1 of it where 2 are wanted');
    expect(before.stdout).not.toContain('spare');

    const { changed } = await gatherJson<{ changed: boolean }>(['up'], { cwd });
    expect(changed).toBe(true);
    expect([...(await containersOf(cwd)).keys()]).toEqual(['extra-1', 'page-1', 'redis-1', 'redis-2']);
    expect(await Promise.all([ping(47331), ping(47332, ADDRESS), ping(47333)])).toEqual([
      '+PONG',
      '+PONG',
      '+PONG',
    ]);
    const after = await gather(['status'], { cwd });
    expect(after.code, after.stdout).toBe(0);
    expect(after.stdout).not.toContain('changed since');
  });

  test('is there already when up is called again', async () => {
    const before = startsOf(await containersOf(cwd));
    const { changed } = await gatherJson<{ changed: boolean }>(['up'], { cwd });
    expect(changed).toBe(false);
    expect(startsOf(await containersOf(cwd))).toEqual(before);
  });

  test('has services that logs, exec and restart know by name', async () => {
    expect((await gatherOk(['logs', 'extra'], { cwd })).stdout).toContain('Ready to accept connections');
    expect((await gatherOk(['exec', 'extra', 'printenv', 'WORD'], { cwd })).stdout.trim()).toBe('a "b" $5');
    const hosts = await gatherOk(['exec', 'extra', 'cat', '/etc/hosts'], { cwd });
    expect(hosts.stdout).toMatch(/192\.0\.2\.7\s+elsewhere/);
    const before = await containersOf(cwd);
    await gatherOk(['restart', 'extra'], { cwd });
    const after = await containersOf(cwd);
    const restarted = [...after].filter(
      ([name, one]) => one.State.StartedAt !== before.get(name)?.State.StartedAt,
    );
    expect(restarted.map(([name]) => name)).toEqual(['extra-1']);
    const { code, stderr } = await gather(['logs', 'extr'], { cwd });
    expect(code).toBe(2);
    expect(stderr).toContain('did you mean "extra"?');
  });

  test('has profiles that up starts, and whose services are known from then on', async () => {
    const wrong = await gather(['up', '--profile', 'mien'], { cwd });
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain('did you mean "mine"?');
    await gatherOk(['up', '--profile', 'mine'], { cwd });
    expect([...(await containersOf(cwd)).keys()]).toContain('spare-1');
    expect((await gatherOk(['exec', 'spare', 'redis-cli', 'ping'], { cwd })).stdout.trim()).toBe('PONG');
    await gatherOk(['restart', 'spare'], { cwd });
    expect((await gather(['status'], { cwd })).code).toBe(0);
  });

  test('has ports that are asked for before anything starts', async () => {
    await gatherOk(['down'], { cwd });
    const server = createServer();
    onTestFinished(() => void server.close());
    await new Promise<void>((resolve) => server.listen(47334, '127.0.0.1', resolve));
    const { code, stderr } = await gather(['up'], { cwd });
    expect(code).toBe(1);
    expect(stderr).toContain(`port 47334, which extra wants, is held by process ${process.pid} (`);
    expect(stderr).toContain('publish it on another port in compose.override.yaml');
    expect((await containersOf(cwd)).size).toBe(0);
  });
});

test('one that Compose cannot read stops up with its place, and leaves what runs', async () => {
  onTestFinished(override);
  rmSync(join(cwd, 'compose.override.yaml'));
  await gatherOk(['up'], { cwd });
  const before = startsOf(await containersOf(cwd));
  writeFileSync(join(cwd, 'compose.override.yaml'), 'services:\n  extra: { imag: a }\n');
  const { code, stderr } = await gather(['up'], { cwd });
  expect(code).toBe(1);
  expect(stderr).toContain('compose.override.yaml: Compose cannot lay compose.override.yaml over');
  expect(stderr).toContain('imag');
  const { stdout } = await gather(['status'], { cwd });
  expect(stdout).toContain('compose.yaml cannot be read: docker compose config says why');
  expect(startsOf(await containersOf(cwd))).toEqual(before);
});

test('a port that it moves is where the links lead, and what it mounts has to be there', async () => {
  onTestFinished(override);
  writeFileSync(
    join(cwd, 'compose.override.yaml'),
    `services:
  page:
    ports: !override ["127.0.0.2:47335:6379"]
    volumes:
      - "\${NOWHERE:-./nowhere}:/a:ro"
      - { type: bind, source: ./absent, target: /b }
`,
  );
  const { code, stderr } = await gather(['up'], { cwd });
  expect(code).toBe(1);
  expect(stderr).toContain(`${join(cwd, 'absent')}, which page mounts, does not exist`);
  expect(stderr).toContain(
    `warning: ${join(cwd, 'nowhere')}, which page mounts, does not exist: the engine makes`,
  );
  mkdirSync(join(cwd, 'absent'));
  const { links } = await gatherJson<{ links: Record<string, string> }>(['up'], { cwd });
  expect(links).toEqual({ Page: 'http://127.0.0.2:47335/' });
  expect(await ping(47335, '127.0.0.2')).toBe('+PONG');
  expect((await gatherOk(['status'], { cwd })).stdout).toContain('Page  http://127.0.0.2:47335/');
});

test('what an override no longer wants is told, and taken away by the next up', async () => {
  await gatherOk(['up'], { cwd });
  rmSync(join(cwd, 'compose.override.yaml'));
  const { stdout } = await gather(['status'], { cwd });
  expect(stdout).toContain('extra: nothing wants it any more');
  expect(stdout).toContain('redis: 2 of it where 1 is wanted');
  expect((await gatherJson<{ changed: boolean }>(['up'], { cwd })).changed).toBe(true);
  // which of two stays is Compose's to say
  const left = [...(await containersOf(cwd)).keys()].map((name) => name.replace(/-\d$/, ''));
  expect(left).toEqual(['page', 'redis']);
});

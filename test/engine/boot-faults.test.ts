import { rmSync, writeFileSync } from 'node:fs';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { containersOf, dockerOk } from './docker.js';
import { emptyFolder, gather, gatherOk, HOME, type Ran } from './gather.js';

const WEB_PORT = 18991;
const folder = emptyFolder('boot-faults');

/** `gather up`; does something once a line of it matches. */
async function upUntil(
  when: RegExp,
  then: () => unknown,
  { env = {}, timeout = 100 }: { env?: Record<string, string>; timeout?: number } = {},
): Promise<Ran> {
  const up = execa('node', [join(HOME, 'dist/main.js'), 'up', '--timeout', String(timeout)], {
    cwd: folder,
    env,
    reject: false,
    stdin: 'ignore',
  });
  let done = false;
  for await (const line of up.iterable({ from: 'stderr' }))
    if (!done && when.test(String(line))) {
      done = true;
      await then();
    }
  const { exitCode, stdout, stderr } = await up;
  expect(done, `nothing that matches ${when}:\n${stderr}`).toBe(true);
  return { code: exitCode ?? -1, stdout, stderr };
}

/** As a crash does it: without the engine's knowing beforehand. */
async function crash(service: string): Promise<void> {
  const { Id } = (await containersOf(folder)).get(`${service}-1`) ?? { Id: '' };
  process.kill(Number(await dockerOk(['inspect', '--format', '{{.State.Pid}}', Id])), 'SIGKILL');
}

/** A socket in front of the engine's that can go away. */
class Relay {
  private readonly sockets = new Set<Socket>();
  private readonly server: Server;
  readonly path = join(folder, 'engine.sock');

  constructor(engine: string) {
    this.server = createServer((client) => {
      const upstream = createConnection(engine);
      for (const socket of [client, upstream]) {
        this.sockets.add(socket);
        socket.on('error', () => {}).on('close', () => this.sockets.delete(socket));
      }
      client.pipe(upstream).pipe(client);
    });
  }

  listen(): Promise<void> {
    return new Promise((resolve) => this.server.listen(this.path, resolve));
  }

  /** Hands nothing on any more. */
  freeze(): void {
    for (const socket of this.sockets) socket.unpipe().pause();
  }

  goAway(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }
}

beforeAll(async () => {
  const settings = ['PROXY_PORT=18990', `AIRFLOW_WEB_PORT=${WEB_PORT}`, 'FLOWER_PORT=18992'];
  await gatherOk(['init', '--yes', ...settings.flatMap((setting) => ['--set', setting])], { cwd: folder });
  await gatherOk(['images', 'build'], { cwd: folder });
});
afterEach(() => gatherOk(['down', '--volumes', '--yes'], { cwd: folder }));
afterAll(() => rmSync(folder, { recursive: true }));

describe('while the stack boots', () => {
  test.each(['postgres', 'redis'])('%s crashes: it is named, not those that need it', async (service) => {
    const { code, stderr } = await upUntil(new RegExp(`${service}-1 healthy`), () => crash(service));
    expect(code, stderr).toBe(4);
    expect(stderr).toMatch(new RegExp(`error: ${service}-1 was killed`));
    expect(stderr).toContain('exit code 137');
  });

  test('somebody stops postgres: the wait ends, and says so', async () => {
    const { code, stderr } = await upUntil(/postgres-1 healthy/, async () => {
      const { Id } = (await containersOf(folder)).get('postgres-1') ?? { Id: '' };
      await dockerOk(['stop', Id]);
    });
    expect(code, stderr).toBe(4);
    expect(stderr).toContain('error: postgres-1 was stopped from outside');
  });

  test('somebody takes the port of the web server: the message names it; free again, up goes on', async () => {
    const thief = createServer();
    let taken = 0;
    try {
      const { code, stderr } = await upUntil(
        /airflow-webserver-1 created/,
        () =>
          new Promise<void>((resolve) => {
            taken = Date.now();
            thief.listen(WEB_PORT, '127.0.0.1', resolve);
          }),
      );
      expect(code, stderr).toBe(1);
      expect(stderr).toContain(`port ${WEB_PORT}, which airflow-webserver wants, is held by`);
      // airflow-init waits for the web server for half a minute, and Compose for airflow-init
      expect(Date.now() - taken).toBeLessThan(10_000);
    } finally {
      thief.close();
    }
    const again = await gather(['up'], { cwd: folder });
    expect(again.code, again.stderr).toBe(0);
  });

  test('the engine goes away: the wait ends at once', async () => {
    const engine = (process.env.DOCKER_HOST ?? '').replace('unix://', '');
    const relay = new Relay(engine);
    await relay.listen();
    let gone = 0;
    const env = { DOCKER_HOST: `unix://${relay.path}` };
    const { code, stderr } = await upUntil(
      /airflow-init-1 running/,
      () => {
        gone = Date.now();
        relay.goAway();
      },
      { env },
    );
    expect(code, stderr).toBe(4);
    // by the end of its stream, or by the next question, whichever comes first
    expect(stderr).toMatch(/error: the Docker Engine (has gone away|does not answer: )/);
    expect(Date.now() - gone).toBeLessThan(10_000);
  });

  test('the engine freezes, its sockets open: the deadline holds', async () => {
    const relay = new Relay((process.env.DOCKER_HOST ?? '').replace('unix://', ''));
    await relay.listen();
    const env = { DOCKER_HOST: `unix://${relay.path}` };
    const started = Date.now();
    const { code, stderr } = await upUntil(/airflow-init-1 running/, () => relay.freeze(), {
      env,
      timeout: 8,
    });
    relay.goAway();
    expect(code, stderr).toBe(4);
    expect(stderr).toMatch(
      /error: the (stack is not usable after 8 s|Docker Engine does not answer: no answer within 8 s)/,
    );
    expect(Date.now() - started).toBeLessThan(40_000);
  });

  test('a worker with too little memory is said to be that', async () => {
    const override = join(folder, 'compose.override.yaml');
    writeFileSync(override, 'services:\n  airflow-worker:\n    mem_limit: 60m\n    memswap_limit: 60m\n');
    try {
      const { code, stderr } = await gather(['up', '--timeout', '100'], { cwd: folder });
      expect(code, stderr).toBe(4);
      expect(stderr).toMatch(/error: airflow-worker-\d was killed, most likely for want of memory/);
    } finally {
      rmSync(override);
    }
  });
});

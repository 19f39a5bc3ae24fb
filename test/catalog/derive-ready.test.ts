import { createServer as createHttp } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { execa } from 'execa';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parseComponent } from '../../src/catalog/component.js';
import { interpolate } from '../../src/project/interpolate.js';
import { component } from './play-catalog.js';

/** What a `ready` line, as YAML, makes of a service with this health check. */
function derived(ready: string, healthcheck = '') {
  const body = `services:\n  web:\n    image: a\n${healthcheck && `    healthcheck: ${healthcheck}\n`}`;
  const { probes, services } = parseComponent(component(`ready:\n  - ${ready}`, body), '/p/a.yaml');
  const [probe] = probes;
  if (!probe) throw new Error('no probe');
  return { probe, healthcheck: services.web?.healthcheck as Record<string, unknown> | undefined };
}

/** Runs the command as a container would, once Compose, or gather, has filled it in. */
async function run(command: string[]): Promise<{ passed: boolean; stdout: string }> {
  const [file = '', ...args] = command.map((word) => interpolate(word, () => undefined));
  const { exitCode, stdout } = await execa(file, args, { reject: false });
  return { passed: exitCode === 0, stdout };
}

/** A server that answers what it is sent, a character a byte; its port, and what has come. */
async function tcpServer(answer: (sent: string) => string): Promise<{ port: number; heard: string[] }> {
  const heard: string[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      heard.push(data.toString('latin1'));
      socket.end(Buffer.from(answer(data.toString('latin1')), 'latin1'));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { port: (server.address() as AddressInfo).port, heard };
}

async function httpServer(status: number, body = ''): Promise<{ port: number; paths: string[] }> {
  const paths: string[] = [];
  const server = createHttp((request, response) => {
    paths.push(request.url ?? '');
    response.writeHead(status, { connection: 'close' }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  onTestFinished(() => void server.close());
  return { port: (server.address() as AddressInfo).port, paths };
}

describe('from a ready line', () => {
  const INTERVALS = {
    interval: '30s',
    timeout: '5s',
    retries: 3,
    start_period: '30s',
    start_interval: '300ms',
  };

  test('over HTTP follow a health check, a probe that asks the same, and a cheaper question', async () => {
    const { probe, healthcheck } = derived('{ service: web, http: { port: 80, path: /up }, says: it is up }');
    expect(probe).toEqual({
      service: 'web',
      command: expect.any(Array),
      says: 'it is up',
      same_as_healthcheck: true,
      quick: { port: 80, send: 'GET /up HTTP/1.0\r\nHost: web\r\n\r\n', answer: ' 200 ' },
      http: { port: 80, path: '/up' },
    });
    expect(healthcheck).toEqual({ test: ['CMD', ...probe.command], ...INTERVALS });
  });

  test.each([
    [200, '', true],
    [503, '', false],
    [503, ', status: any', true],
  ])('an answer of %d to %j passes: %s', async (status, more, passes) => {
    const { port, paths } = await httpServer(status);
    const { probe } = derived(`{ service: web, http: { port: ${port}, path: "/up?a=1&b=2"${more} } }`);
    expect((await run(probe.command)).passed).toBe(passes);
    expect(paths).toEqual(['/up?a=1&b=2']);
    expect(probe.quick?.answer).toBe(more ? undefined : ' 200 ');
  });

  test('nobody there passes for none', async () => {
    const { port } = await httpServer(200);
    const free = port === 1 ? 2 : 1;
    const { probe } = derived(`{ service: web, http: { port: ${free}, path: /, status: any } }`);
    expect((await run(probe.command)).passed).toBe(false);
  });

  test('what the answer must hold is for the probe, which is then more than the health check', async () => {
    const { port } = await httpServer(200, '{"a":{"b":"ok"}}');
    const { probe } = derived(`{ service: web, http: { port: ${port}, path: /, json: { a.b: ok, c: 1 } } }`);
    expect(probe.json).toEqual({ 'a.b': 'ok', c: '1' });
    expect(probe).not.toHaveProperty('same_as_healthcheck');
    expect((await run(probe.command)).stdout).toBe('{"a":{"b":"ok"}}');
  });

  test('a refusal that says why is shown, and the cheap question goes to each container', async () => {
    const { port } = await httpServer(500, 'one of 2 workers is silent');
    const { probe } = derived(
      `{ service: web, http: { port: ${port}, path: "/\${COUNT}", why: true, every: /one } }`,
    );
    expect(await run(probe.command)).toEqual({ passed: false, stdout: 'one of 2 workers is silent' });
    expect(probe.quick?.send).toBe('GET /one HTTP/1.0\r\nHost: web\r\n\r\n');
  });

  test.each([
    ['send: "PING\\r\\n", answer: PONG', 'PING\r\n', '+PONG\r\n', true],
    ['send: "PING\\r\\n", answer: PONG', 'PING\r\n', '-ERR\r\n', false],
    ['send: "PING\\r\\n"', 'PING\r\n', '?', true],
    // the bytes of an SSLRequest, and all that has a meaning to a shell, to printf or to Compose
    ['send: "\\0\\0\\0\\b\\x04\\xd2\\x16/"', '\0\0\0\b\x04\xd2\x16/', 'N', true],
    [`send: "%s $HOME $\${A} '\\"\\\\n \\\\ \\xff"`, '%s $HOME $${A} \'"\\n \\ \xff', 'x', true],
    [`send: "a", answer: "it's"`, 'a', "and it's so\n", true],
    [`send: "a", answer: "it's"`, 'a', 'it is\n', false],
  ])('over TCP, %s: is sent %j, and the answer %j passes: %s', async (tcp, sent, answer, passes) => {
    const { port, heard } = await tcpServer(() => answer);
    const { probe, healthcheck } = derived(`{ service: web, tcp: { port: ${port}, ${tcp} } }`);
    expect((await run(probe.command)).passed).toBe(passes);
    expect(heard.join('')).toBe(sent);
    expect(healthcheck?.test).toEqual(['CMD', ...probe.command]);
    expect(probe.quick).toMatchObject({ port, send: sent });
  });

  test('a port that is open is enough where nothing is to be sent, and there is no cheaper question', async () => {
    const { port } = await tcpServer(() => '');
    const { probe } = derived(`{ service: web, tcp: { port: ${port} } }`);
    expect((await run(probe.command)).passed).toBe(true);
    expect(probe).not.toHaveProperty('quick');
    expect((await run(derived('{ service: web, tcp: { port: 1 } }').probe.command)).passed).toBe(false);
  });

  test('a command is taken as it is; what stands beside it is the cheaper question', () => {
    const { probe, healthcheck } = derived(
      '{ service: web, exec: [pg_isready, "$$X"], tcp: { port: 5432, send: "\\0" } }',
    );
    expect(probe).toEqual({
      service: 'web',
      command: ['pg_isready', '$$X'],
      same_as_healthcheck: true,
      quick: { port: 5432, send: '\0' },
    });
    expect(healthcheck?.test).toEqual(['CMD', 'pg_isready', '$$X']);
  });
});

describe("a service's own health check", () => {
  const READY = '{ service: web, exec: [ask] }';

  test.each(['{ test: [CMD, mine], interval: 7s }', '{ disable: true }'])('%s stays as it is', (own) => {
    expect(derived(READY, own).healthcheck).toEqual(
      derived('{ service: other, exec: [ask] }', own).healthcheck,
    );
  });

  test('without a test gets it, and keeps what it says', () => {
    expect(derived(READY, '{ interval: 7s, retries: 9 }').healthcheck).toEqual({
      test: ['CMD', 'ask'],
      interval: '7s',
      timeout: '5s',
      retries: 9,
      start_period: '30s',
      start_interval: '300ms',
    });
  });

  test('is none where nobody says when the service is ready', () => {
    expect(derived('{ service: other, exec: [ask] }').healthcheck).toBeUndefined();
  });
});

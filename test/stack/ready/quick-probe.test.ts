import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import type { ProbeSpec } from '../../../src/catalog/schema.js';
import type { EngineApi } from '../../../src/engine/api.js';
import type { StackContainer } from '../../../src/stack/observe/containers.js';
import { answersQuickly } from '../../../src/stack/ready/quick-probe.js';
import { playClock } from '../../play-clock.js';
import { PlayDocker } from '../play-docker.js';

const servers: Server[] = [];
const sockets = new Set<Socket>();
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  for (const server of servers.splice(0)) server.close();
});

/** The port of a server that answers so; nothing at all without a text. */
async function answering(text?: string): Promise<number> {
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}));
    socket.once('data', () => text !== undefined && socket.end(text));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const container = (networks: Record<string, string>, number = 1): StackContainer => ({
  id: `web-${number}`,
  label: `web-${number}`,
  service: 'web',
  number,
  state: 'healthy',
  exitCode: undefined,
  image: 'web:1',
  configHash: 'hash',
  ports: [],
  waitsFor: [],
  networks,
});
const HERE = [container({ play: '127.0.0.1' })];
const probe = (port: number, more: Partial<ProbeSpec> = {}, answer?: string): ProbeSpec => ({
  service: 'web',
  command: ['ask'],
  ...more,
  quick: { port, send: 'GET / HTTP/1.0\r\n\r\n', ...(answer ? { answer } : {}) },
});
/** An engine that counts how often a process was wanted in a container, and has none. */
const engine = () => {
  let asked = 0;
  const client: EngineApi = {
    ...new PlayDocker().client,
    exec: async () => {
      asked++;
      throw new Error('no such thing');
    },
  };
  return { client, asked: () => asked };
};
const ok = (body: string) => `HTTP/1.0 200 OK\r\ncontent-type: application/json\r\n\r\n${body}`;
const lookup = () => undefined;

test('any answer will do where none is wanted, and the wanted one where one is', async () => {
  const { client, asked } = engine();
  const port = await answering(ok(''));
  expect(await answersQuickly(client, probe(port), HERE, lookup)).toBe(true);
  expect(await answersQuickly(client, probe(port, {}, ' 200 '), HERE, lookup)).toBe(true);
  expect(await answersQuickly(client, probe(port, {}, ' 204 '), HERE, lookup)).toBe(false);
  expect(await answersQuickly(client, probe(await answering('')), HERE, lookup)).toBe(false);
  expect(asked()).toBe(0);
});

test('the values of a JSON body count, not only that there is one', async () => {
  const { client } = engine();
  const json = { 'scheduler.status': 'healthy' };
  const answers = async (body: string) =>
    answersQuickly(client, probe(await answering(ok(body)), { json }), HERE, lookup);
  expect(await answers('{"scheduler":{"status":"healthy"}}')).toBe(true);
  expect(await answers('{"scheduler":{"status":"unhealthy"}}')).toBe(false);
  expect(await answers('no JSON')).toBe(false);
});

test('each container of the service has to answer', async () => {
  const port = await answering(ok(''));
  const two = [...HERE, container({ play: '127.0.0.2' }, 2)];
  const { client, asked } = engine();
  // nobody listens at the second: it is asked as always, and does not answer either
  expect(await answersQuickly(client, probe(port), two, lookup)).toBe(false);
  expect(asked()).toBe(1);
});

test('without an address that leads anywhere, the probe is run in the container', async () => {
  const { client, asked } = engine();
  expect(await answersQuickly(client, probe(1), [container({ play: '' })], lookup)).toBe(false);
  expect(await answersQuickly(client, probe(1), HERE, lookup)).toBe(false);
  expect(asked()).toBe(2);
});

test('who is connected and silent does not answer', async () => {
  const { client, asked } = engine();
  const port = await answering();
  const clock = playClock();
  const answer = answersQuickly(client, probe(port), HERE, lookup);
  await vi.waitFor(() => expect([...sockets].some((one) => one.bytesRead > 0)).toBe(true), { interval: 1 });
  await clock.pass(5000);
  expect(await answer).toBe(false);
  expect(asked()).toBe(0);
});

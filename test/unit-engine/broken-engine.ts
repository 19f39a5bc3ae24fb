import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { expect, vi } from 'vitest';

/** How an engine can be broken: each as a real server on a real socket has it. */
export const FAULTS = ['hangs', 'resets', 'refuses', 'babbles', 'closes'] as const;
export type Fault = (typeof FAULTS)[number];

/** What an engine that refuses says. */
export const REFUSAL = 'the disk of the engine is gone';

export interface BrokenEngine {
  host: string;
  /** Resolves as soon as somebody has asked what is not answered. */
  asked(): Promise<void>;
  /** How many connections are open. */
  open(): Promise<number>;
  /** Resolves when nobody is connected any more; rejects after five seconds. */
  left(): Promise<void>;
  close(): Promise<void>;
}

/** What an engine answers to who looks for one. */
const DISCOVERY: Record<string, object> = {
  '/version': { Version: '26.1.5', ApiVersion: '1.45', Os: 'linux' },
  '/info': { OSType: 'linux', Architecture: 'x86_64', MemTotal: 8e9, NCPU: 4, Driver: 'overlay2' },
};

const BREAK: Record<Fault | 'breaks off', (request: IncomingMessage, reply: ServerResponse) => void> = {
  hangs: () => {},
  resets: ({ socket }) => void socket.destroy(),
  'breaks off': ({ socket }, reply) => {
    reply.writeHead(200, { 'content-type': 'application/json', 'content-length': '99' });
    reply.write('[{', () => socket.destroy());
  },
  refuses: (_, reply) => {
    reply.statusCode = 500;
    reply.setHeader('content-type', 'application/json');
    reply.end(JSON.stringify({ message: REFUSAL }));
  },
  babbles: ({ socket }) => void socket.end('I am a teapot, and no engine\n'),
  closes: ({ socket }) => void socket.end(),
};

/**
 * An engine in `folder` that is broken: from its first word on, or once it has been found.
 * @param found true for one that answers who looks for an engine, and nobody who wants something of it.
 */
export async function breakEngine(
  folder: string,
  fault: Fault | 'breaks off',
  found: boolean,
): Promise<BrokenEngine> {
  const socket = join(folder, 'broken.sock');
  return { host: `unix://${socket}`, ...(await breakServer(socket, fault, found ? DISCOVERY : {})) };
}

/** A server that is broken but for some answers. @param at its socket or its port */
export async function breakServer(
  at: string | number,
  fault: Fault | 'breaks off',
  answers: Record<string, object> = {},
): Promise<Omit<BrokenEngine, 'host'>> {
  const sockets = new Set<Socket>();
  let tell = () => {};
  const asked = new Promise<void>((resolve) => {
    tell = resolve;
  });
  const server = createServer((request, reply) => {
    const known = answers[request.url ?? ''];
    if (known) return void reply.end(JSON.stringify(known));
    BREAK[fault](request, reply);
    tell();
  });
  server.on('connection', (one: Socket) => {
    sockets.add(one.on('error', () => {}).on('close', () => sockets.delete(one)));
  });
  await new Promise<void>((resolve) =>
    server.listen(typeof at === 'number' ? { port: at, host: '127.0.0.1' } : at, resolve),
  );
  const open = () =>
    new Promise<number>((resolve, reject) =>
      server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
    );
  return {
    asked: () => asked,
    open,
    left: () => vi.waitFor(async () => expect(await open()).toBe(0), { interval: 2, timeout: 5000 }),
    close: () =>
      new Promise((resolve) => {
        for (const one of sockets) one.destroy();
        server.close(() => resolve());
      }),
  };
}

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { isNotFound } from '../../src/engine/failure.js';
import { framed, type PlayDocker } from './play-docker.js';

/** What a Compose is to say to what it was asked, and how it ends. */
export type ComposeAnswer = { exitCode?: number; said?: string };

/** What is behind a socket: an engine with its images, and what a Compose there does. */
export interface Served {
  docker: PlayDocker;
  /** Names of images. */
  images: Set<string>;
  compose(words: string[]): ComposeAnswer | Promise<ComposeAnswer>;
}

type Answer = object | Buffer | string | undefined;
type Route = [method: string, path: RegExp, answer: (call: Call) => Answer | Promise<Answer>];
interface Call {
  id: string;
  query: URLSearchParams;
  body: Record<string, unknown>;
}

/** The Engine API on a socket in `folder`, as far as gather asks it. Returns what closes it. */
export async function serveEngine(
  folder: string,
  served: Served,
): Promise<{ host: string; close(): Promise<void> }> {
  const { docker, images } = served;
  const { client } = docker;
  const filters = ({ query }: Call) => JSON.parse(query.get('filters') ?? '{}') as Record<string, string[]>;
  /** Command that is to run → its container and its words; what has run is known by its exit code. */
  const commands = new Map<string, { container: string; words: string[]; exitCode: number }>();

  const routes: Route[] = [
    ['GET', /^\/_ping$/, () => 'OK'],
    ['GET', /^\/version$/, () => ({ Version: '26.1.5', ApiVersion: '1.45', Os: 'linux' })],
    [
      'GET',
      /^\/info$/,
      () => ({ OSType: 'linux', Architecture: 'x86_64', MemTotal: 8e9, NCPU: 4, Driver: 'overlay2' }),
    ],
    ['GET', /^\/containers\/json$/, (call) => client.listContainers({ all: true, filters: filters(call) })],
    ['GET', /^\/containers\/([^/]+)\/json$/, ({ id }) => client.inspectContainer(id)],
    [
      'GET',
      /^\/containers\/([^/]+)\/logs$/,
      ({ id, query }) => client.containerLog(id, Number(query.get('tail'))),
    ],
    ['POST', /^\/containers\/([^/]+)\/unpause$/, ({ id }) => nothing(client.unpauseContainer(id))],
    ['POST', /^\/containers\/([^/]+)\/restart$/, ({ id }) => nothing(client.restartContainer(id, 0))],
    ['DELETE', /^\/containers\/([^/]+)$/, ({ id }) => nothing(client.removeContainer(id))],
    [
      'POST',
      /^\/containers\/([^/]+)\/exec$/,
      ({ id, body }) => {
        const Id = `exec-${commands.size}`;
        commands.set(Id, { container: id, words: body.Cmd as string[], exitCode: 0 });
        return { Id };
      },
    ],
    ['GET', /^\/exec\/([^/]+)\/json$/, ({ id }) => ({ ExitCode: commands.get(id)?.exitCode })],
    [
      'GET',
      /^\/images\/json$/,
      () => [...images].map((name) => ({ Id: `sha256:${name}`, RepoTags: [name] })),
    ],
    ['GET', /^\/volumes$/, async (call) => ({ Volumes: await client.listVolumes(filters(call)) })],
    [
      'POST',
      /^\/volumes\/create$/,
      async ({ body }) => {
        await client.createVolume(String(body.Name), body.Labels as Record<string, string>);
        return { Name: body.Name };
      },
    ],
    ['DELETE', /^\/volumes\/([^/]+)$/, ({ id }) => nothing(client.removeVolume(id))],
    ['POST', /^\/play\/compose$/, ({ body }) => served.compose(body.words as string[])],
  ];

  const listeners = new Set<ServerResponse>();
  docker.events.on('data', (chunk) => {
    for (const one of listeners) one.write(chunk);
  });
  docker.events.on('end', () => {
    for (const one of listeners) one.end();
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams: query } = new URL(request.url ?? '', 'http://docker');
    if (pathname === '/events') {
      listeners.add(response.on('close', () => listeners.delete(response)));
      return response.flushHeaders();
    }
    const route = routes.find(([method, path]) => method === request.method && path.test(pathname));
    if (!route) return void response.writeHead(404).end(`{"message":"not played: ${pathname}"}`);
    const [, path, reply] = route;
    const id = decodeURIComponent(path.exec(pathname)?.[1] ?? '');
    try {
      const said = await reply({ id, query, body: JSON.parse((await textOf(request)) || '{}') });
      if (said === undefined) response.writeHead(204).end();
      else response.end(Buffer.isBuffer(said) || typeof said === 'string' ? said : JSON.stringify(said));
    } catch (error) {
      response.writeHead(isNotFound(error) ? 404 : 500).end(JSON.stringify({ message: String(error) }));
    }
  }

  const server = createServer((request, response) => void answer(request, response));
  /** A command is run when its streams are asked for. */
  server.on('upgrade', async (request: IncomingMessage, socket: Duplex) => {
    const command = commands.get(/^\/exec\/([^/]+)\/start$/.exec(request.url ?? '')?.[1] ?? '');
    socket.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n');
    if (!command) return void socket.destroy();
    const ended = await client.exec(command.container, command.words).catch((error: Error) => ({
      exitCode: 126,
      stdout: '',
      stderr: error.message,
    }));
    command.exitCode = ended.exitCode;
    if (ended.stdout) socket.write(framed(ended.stdout));
    if (ended.stderr) socket.write(framed(ended.stderr, 2));
    socket.end();
  });
  const socket = join(folder, 'engine.sock');
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return {
    host: `unix://${socket}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

async function nothing(work: Promise<void>): Promise<undefined> {
  await work;
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  return text;
}

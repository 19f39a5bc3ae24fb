import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import type { Engine } from '../../src/engine/engine.js';

/** What is known of an engine on a socket; only its host is ever dialled. */
export const PLAY_ENGINE: Engine = {
  kind: 'own',
  host: 'unix:///play/docker.sock',
  version: '26.1.5',
  apiVersion: '1.45',
  composeVersion: '2.29.7',
  memoryBytes: 8e9,
  cpus: 4,
  os: 'linux',
  arch: 'x86_64',
  rootless: false,
  storageDriver: 'overlay2',
  socketPath: '/play/docker.sock',
  docker: 'docker',
  compose: ['docker', 'compose'],
  env: {},
};

/** An engine as far as discovery and the question whose a stack is can tell, with these images and containers: a server on a unix socket. */
export interface PlayedEngine {
  host: string;
  socket: string;
  close(): Promise<void>;
}

/** Plays an engine in `folder` that has nothing yet; `answers: false` accepts connections and never says a word. */
export async function playEngine(
  folder: string,
  {
    version = '26.1.5',
    apiVersion = '1.45',
    os = 'linux',
    answers = true,
    name = 'docker.sock',
    images = [] as object[],
    containers = [] as object[],
  } = {},
): Promise<PlayedEngine> {
  const socket = join(folder, name);
  const replies: Record<string, object> = {
    '/version': { Version: version, ApiVersion: apiVersion, Os: os },
    '/info': {
      OSType: os,
      OperatingSystem: 'Played',
      Architecture: 'x86_64',
      MemTotal: 8e9,
      NCPU: 4,
      SecurityOptions: ['name=seccomp,profile=builtin', 'name=rootless'],
      Driver: 'overlay2',
    },
    '/images/json': images,
    '/containers/json': containers,
    '/_ping': {},
    '/volumes': { Volumes: [] },
  };
  const server: Server = createServer((request, reply) => {
    if (!answers) return;
    const body = replies[request.url?.split('?')[0] ?? ''];
    reply.statusCode = body ? 200 : 404;
    reply.end(JSON.stringify(body ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return {
    socket,
    host: `unix://${socket}`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

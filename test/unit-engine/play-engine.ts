import { createServer, type Server } from 'node:http';
import { join } from 'node:path';

/** An engine as far as discovery can tell, with images: a server on a unix socket that answers /version, /info and /images/json. */
export interface PlayedEngine {
  host: string;
  socket: string;
  close(): Promise<void>;
}

/** Plays an engine in `folder`; `answers: false` accepts connections and never says a word. */
export async function playEngine(
  folder: string,
  {
    version = '26.1.5',
    apiVersion = '1.45',
    os = 'linux',
    answers = true,
    name = 'docker.sock',
    images = [] as object[],
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

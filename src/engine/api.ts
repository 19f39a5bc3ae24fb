import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type Dockerode from 'dockerode';
import type { Engine } from './engine.js';

/** A client of the engine's API. dockerode is loaded only now, for it takes 100 ms. */
export async function connect(engine: Engine): Promise<Dockerode> {
  const { default: Client } = await import('dockerode');
  return new Client(clientOptions(engine));
}

/** How long an engine may take for an answer that costs it nothing; one that is frozen keeps its sockets open for ever. */
const ANSWER_MS = 10_000;

/** The answer to a short question, or an error after `ms`: the request goes on, but nobody waits for it. */
export async function answerOf<T>(question: Promise<T>, ms = ANSWER_MS): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms / 1000} s`)), ms);
  });
  try {
    return await Promise.race([question, late]);
  } finally {
    clearTimeout(timer);
  }
}

function clientOptions(engine: Engine): Dockerode.DockerOptions {
  const { host } = engine;
  if (host.startsWith('unix://')) return { socketPath: host.slice('unix://'.length) };
  if (host.startsWith('npipe://')) return { socketPath: host.slice('npipe://'.length) };
  const url = new URL(host.replace(/^tcp:/, 'http:'));
  if (url.protocol === 'ssh:') {
    const agent = process.env.SSH_AUTH_SOCK;
    return {
      protocol: 'ssh',
      host: url.hostname,
      port: url.port || 22,
      username: url.username,
      ...(agent && { sshOptions: { agent } }),
    } as Dockerode.DockerOptions;
  }
  const certPath = engine.env.DOCKER_CERT_PATH;
  if (certPath === undefined) return { protocol: 'http', host: url.hostname, port: url.port || 2375 };
  const pem = (name: string) => readFileSync(join(certPath, name));
  return {
    protocol: 'https',
    host: url.hostname,
    port: url.port || 2376,
    ca: pem('ca.pem'),
    cert: pem('cert.pem'),
    key: pem('key.pem'),
  };
}

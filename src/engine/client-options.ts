import { readFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { join } from 'node:path';
import { inspect } from 'node:util';
import type Dockerode from 'dockerode';
import type { Engine } from './engine.js';

/** A connection that is kept for later may be one that the engine has closed meanwhile: each question has its own. */
const agent = Object.assign(new Agent({ keepAlive: false }), {
  // docker-modem describes each request in full, whether or not anybody reads it: of an agent that would take it 4 ms
  [inspect.custom]: () => 'Agent',
});

/** How dockerode reaches an engine: a socket, TCP with or without keys, or ssh. */
export function clientOptions(engine: Engine): Dockerode.DockerOptions & { agent?: Agent } {
  const { host } = engine;
  if (host.startsWith('unix://')) return { socketPath: host.slice('unix://'.length), agent };
  if (host.startsWith('npipe://')) return { socketPath: host.slice('npipe://'.length), agent };
  const url = new URL(host.replace(/^tcp:/, 'http:'));
  if (url.protocol === 'ssh:') {
    const keys = process.env.SSH_AUTH_SOCK;
    return {
      protocol: 'ssh',
      host: url.hostname,
      port: url.port || 22,
      username: url.username,
      ...(keys && { sshOptions: { agent: keys } }),
    } as Dockerode.DockerOptions;
  }
  const certPath = engine.env.DOCKER_CERT_PATH;
  if (certPath === undefined) return { protocol: 'http', host: url.hostname, port: url.port || 2375, agent };
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

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type Dockerode from 'dockerode';
import type { Engine } from './engine.js';

/** How dockerode reaches an engine: a socket, TCP with or without keys, or ssh. */
export function clientOptions(engine: Engine): Dockerode.DockerOptions {
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

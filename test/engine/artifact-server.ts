import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { execa } from 'execa';
import { dockerOk } from './docker.js';
import { emptyFolder } from './gather.js';

/** A company's own Maven repository and npm registry, as builds of this engine reach them; both want a login. */
export interface ArtifactServer {
  /** Address of the Maven repository; login NAME:PASSWORD. */
  mavenUrl: string;
  /** Address of the npm registry, for one scope; login by token. */
  npmUrl: string;
  /** Paths that were asked for with the right login. */
  served: string[];
  stop(): Promise<void>;
}

/** What is on offer: the jar `com.example:NAME:1.0` and the package `@gather-test/NAME@1.0.0`. */
export async function startArtifactServer(
  name: string,
  login: string,
  token: string,
): Promise<ArtifactServer> {
  const gateway = (
    await dockerOk(['network', 'inspect', 'bridge', '--format', '{{(index .IPAM.Config 0).Gateway}}'])
  ).trim();
  const jar = Buffer.from(`the jar ${name}\n`);
  const tarball = await packageOf(name);
  const served: string[] = [];
  let base = '';
  const files = (): Record<string, string | Buffer> => ({
    [`/maven/com/example/${name}/1.0/${name}-1.0.jar`]: jar,
    [`/maven/com/example/${name}/1.0/${name}-1.0.jar.sha1`]: createHash('sha1').update(jar).digest('hex'),
    [`/maven/com/example/${name}/2.0/${name}-2.0.jar`]: jar,
    [`/maven/com/example/${name}/2.0/${name}-2.0.jar.sha1`]: '0'.repeat(40),
    [`/npm/@gather-test%2f${name}`]: JSON.stringify({
      name: `@gather-test/${name}`,
      'dist-tags': { latest: '1.0.0' },
      versions: {
        '1.0.0': {
          name: `@gather-test/${name}`,
          version: '1.0.0',
          dist: { tarball: `${base}/npm/${name}.tgz` },
        },
      },
    }),
    [`/npm/${name}.tgz`]: tarball,
  });
  const server = http.createServer(({ url = '', headers }, response) => {
    const wanted = url.startsWith('/npm/')
      ? `Bearer ${token}`
      : `Basic ${Buffer.from(login).toString('base64')}`;
    if (headers.authorization !== wanted) return response.writeHead(401).end();
    served.push(url);
    const body = files()[url];
    return body === undefined ? response.writeHead(404).end() : response.end(body);
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, gateway, resolve));
  base = `http://${gateway}:${(server.address() as AddressInfo).port}`;
  return {
    mavenUrl: `${base}/maven`,
    npmUrl: `${base}/npm/`,
    served,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** What npm has for a package: a tar of the folder `package`. */
async function packageOf(name: string): Promise<Buffer> {
  const folder = emptyFolder('package');
  try {
    mkdirSync(join(folder, 'package'));
    writeFileSync(
      join(folder, 'package/package.json'),
      JSON.stringify({ name: `@gather-test/${name}`, version: '1.0.0', description: `the package ${name}` }),
    );
    await execa('tar', ['-czf', 'package.tgz', 'package'], { cwd: folder });
    return readFileSync(join(folder, 'package.tgz'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

import { join } from 'node:path';
import { findEngine } from '../../src/engine/discover.js';
import { buildImage } from '../../src/engine/images/build.js';
import { docker, dockerOk, until } from './docker.js';
import { HOME } from './gather.js';
import { ask } from './web.js';

export const REGISTRY_IMAGE = 'localhost/gather-test/registry:latest';

/** A registry of images that runs in the engine, without a login. */
export interface Registry {
  /** `127.0.0.1:port` */
  host: string;
  /** Its log so far: one line a request. */
  log(): Promise<string>;
  stop(): Promise<void>;
}

/** Builds Debian's docker-registry on gather's own base image. */
export async function buildRegistry(base: string): Promise<void> {
  const { engine } = await findEngine();
  if (!engine) throw new Error('no engine answers');
  const build = {
    tag: REGISTRY_IMAGE,
    folder: join(HOME, 'test/engine/registry'),
    files: {},
    args: {},
    base: { names: ['base'], image: base },
  };
  await buildImage(engine, build, 'registry', { event: () => {}, close: () => {} });
}

export async function startRegistry(): Promise<Registry> {
  const id = (
    await dockerOk(['run', '--detach', '--rm', '--publish', '127.0.0.1::5000', REGISTRY_IMAGE])
  ).trim();
  const host = (await dockerOk(['port', id, '5000/tcp'])).trim();
  await until(
    () =>
      ask(`http://${host}/v2/`).then(
        ({ status }) => status,
        () => 0,
      ),
    (status) => status === 200,
    20,
  );
  return {
    host,
    log: async () => {
      const { stdout, stderr } = await docker(['logs', id]);
      return stdout + stderr;
    },
    stop: async () => {
      await dockerOk(['rm', '--force', '--volumes', id]);
    },
  };
}

import { docker, dockerOk, until } from './docker.js';
import { buildTestImage, testImage } from './test-image.js';
import { ask } from './web.js';

export const REGISTRY_IMAGE = testImage('registry');

/** A registry of images that runs in the engine, without a login. */
export interface Registry {
  /** `127.0.0.1:port` */
  host: string;
  /** Its log so far: one line a request. */
  log(): Promise<string>;
  stop(): Promise<void>;
}

/** Builds Debian's docker-registry on gather's own base image. */
export const buildRegistry = (base: string) => buildTestImage('registry', base);

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

import { join } from 'node:path';
import { findEngine } from '../../src/engine/discover.js';
import { buildImage } from '../../src/images/build.js';
import { HOME } from './gather.js';

/** The name of the image that `test/engine/FOLDER` makes. */
export const testImage = (folder: string) => `localhost/gather-test/${folder}:latest`;

/** Builds `test/engine/FOLDER` on gather's own base image. Returns the image's name. */
export async function buildTestImage(folder: string, base: string): Promise<string> {
  const { engine } = await findEngine();
  if (!engine) throw new Error('no engine answers');
  const build = {
    tag: testImage(folder),
    folder: join(HOME, 'test/engine', folder),
    files: {},
    args: {},
    bases: { base },
  };
  await buildImage(engine, build, folder, { event: () => {}, close: () => {} });
  return build.tag;
}

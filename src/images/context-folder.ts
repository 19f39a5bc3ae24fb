import { lstatSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { GatherError } from '../output/errors.js';
import type { Build } from './build-plan.js';
import { copyFolder } from './folder.js';

/**
 * Puts what BuildKit gets into a new folder: that of the image, unless it is a person's, and the further files. Throws
 * IMAGE_FAILED for a file behind a link of the folder, which may lead anywhere on this machine.
 */
export function fillContext(context: string, build: Build): void {
  mkdirSync(context, { mode: 0o700 });
  if (!build.dockerfile) copyFolder(build.folder, context);
  for (const [name, content] of Object.entries(build.files)) {
    const file = join(context, name);
    const parents = dirname(name).split('/');
    for (const [i] of parents.entries()) makeInside(join(context, ...parents.slice(0, i + 1)), name);
    // a link of that name goes, not what it leads to
    rmSync(file, { force: true });
    writeFileSync(file, content, { flag: 'wx' });
  }
}

function makeInside(folder: string, name: string): void {
  const about = lstatSync(folder, { throwIfNoEntry: false });
  if (about?.isDirectory()) return;
  if (about)
    throw new GatherError(
      'IMAGE_FAILED',
      `the file "${name}" of an image would leave its folder through a link`,
    );
  mkdirSync(folder);
}

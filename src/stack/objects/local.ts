import { lstatSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { orFileFailed } from '../../project/files.js';
import type { Tree } from './diff.js';

/** A file on its way here, or what an interrupted one has left behind. */
const UNFINISHED = /^\.gather-.*\.tmp$/;

/**
 * The files below a folder. `skip` is asked for each name, of a file or a folder. Links are followed, but not in circles; or left
 * out, where files are to be removed: what is behind one is not in this folder.
 */
export function localTree(
  folder: string,
  skip: (name: string) => boolean = () => false,
  followLinks = true,
): Tree {
  const tree: Tree = new Map();
  const walk = (path: string, above: string[]): void => {
    const real = realpathSync(join(folder, path));
    if (above.includes(real)) return;
    for (const name of readdirSync(join(folder, path))) {
      if (UNFINISHED.test(name) || skip(name)) continue;
      const relative = path ? `${path}/${name}` : name;
      const file = join(folder, relative);
      const stat = (followLinks ? statSync : lstatSync)(file, { throwIfNoEntry: false });
      if (stat?.isDirectory()) walk(relative, [...above, real]);
      else if (stat?.isFile()) tree.set(relative, { size: stat.size, file, modified: stat.mtimeMs });
    }
  };
  orFileFailed('read', folder, () => walk('', []));
  return tree;
}

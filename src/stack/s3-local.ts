import { readdirSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { orFileFailed } from '../project/files.js';
import type { Tree } from './s3-diff.js';

/** The files below a folder; links are followed, but not in circles. `skip` is asked for each name, of a file or a folder. */
export function localTree(folder: string, skip: (name: string) => boolean = () => false): Tree {
  const tree: Tree = new Map();
  const walk = (path: string, above: string[]): void => {
    const real = realpathSync(join(folder, path));
    if (above.includes(real)) return;
    for (const name of readdirSync(join(folder, path)).filter((one) => !skip(one))) {
      const relative = path ? `${path}/${name}` : name;
      const file = join(folder, relative);
      const stat = statSync(file, { throwIfNoEntry: false });
      if (stat?.isDirectory()) walk(relative, [...above, real]);
      else if (stat?.isFile()) tree.set(relative, { size: stat.size, file });
    }
  };
  orFileFailed('read', folder, () => walk('', []));
  return tree;
}

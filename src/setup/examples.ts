import { cpSync, existsSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ensureFolder, orFileFailed, writeAtomic } from '../project/files.js';
import { assertInside } from '../project/inside.js';

/**
 * Copies the example files of the folders that the project does not have yet. Returns what is new, relative to its place.
 * @param left files, such as `dags/docker_operator.py`, that this project has no use for
 * @param shared where `dags/` and its like are, when AIRFLOW_PROJ_DIR says so
 */
export function copyExamples(
  from: string,
  folder: string,
  folders: string[],
  left: string[] = [],
  shared = folder,
): string[] {
  if (resolve(from) === resolve(folder)) return [];
  const copied: string[] = [];
  const isNew = (to: string, name: string) => !existsSync(join(to, name)) && existsSync(join(from, name));
  for (const name of folders) {
    if (!isNew(shared, name) || name === 'logs') continue;
    ensureFolder(shared);
    assertInside(shared, join(shared, name));
    copyWhole(
      join(from, name),
      join(shared, name),
      left.map((file) => join(from, file)),
    );
    copied.push(...readdirSync(join(shared, name)).map((file) => `${name}/${file}`));
  }
  if (isNew(folder, 'requirements.txt')) {
    assertInside(folder, join(folder, 'requirements.txt'));
    writeAtomic(join(folder, 'requirements.txt'), readFileSync(join(from, 'requirements.txt')));
    copied.push('requirements.txt');
  }
  return copied;
}

/** All of a folder or nothing of it: a full disk or a Ctrl-C leaves no half of it, which the next init would take for the user's. */
function copyWhole(from: string, to: string, left: string[]): void {
  const temporary = `${to}.gather.tmp`;
  orFileFailed('write', to, () => {
    rmSync(temporary, { recursive: true, force: true });
    try {
      cpSync(from, temporary, {
        recursive: true,
        filter: (path) => !path.includes('__pycache__') && !left.includes(path),
      });
      renameSync(temporary, to);
    } catch (error) {
      rmSync(temporary, { recursive: true, force: true });
      throw error;
    }
  });
}

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { GatherError } from '../../output/errors.js';
import { ensureFolder, writeAtomic } from '../../project/files.js';
import type { OpenProject } from '../../stack/open.js';
import { checkDagName, dagTemplate } from './dag-template.js';
import { dagSource } from './source.js';

/** Writes `dags/NAME.py` from the template; gives back its path. Throws USAGE for a name that cannot be, FILE_FAILED for one that is. */
export function newDag(open: OpenProject, name: string, owner: string): string {
  checkDagName(name);
  const { folder } = dagSource(open);
  const file = join(folder, `${name}.py`);
  if (existsSync(file))
    throw new GatherError('FILE_FAILED', 'it is there already, and stays as it is', {
      where: { file },
      hints: ['choose another name'],
    });
  ensureFolder(folder);
  writeAtomic(file, dagTemplate(name, owner, Number(open.blueprint.airflow.split('.')[0])), { mode: 0o644 });
  return file;
}

import { join } from 'node:path';
import type { Engine } from '../engine/engine.js';
import type { Images } from '../images/ensure.js';
import { MIRROR_VARIABLE } from '../images/plan.js';
import { writeAtomic } from '../project/files.js';
import { FILES, readEnv } from '../project/project.js';
import type { OpenProject } from './open.js';

const SECTION = 'Set by gather on this machine';

/**
 * Writes into `.env` what only this machine knows: which images it has, and where the engine's socket is. The file is read
 * anew: while images were built, which takes minutes, somebody may have edited it.
 * @returns false when `.env` is still as the project was opened with
 */
export function recordImages({ project, blueprint }: OpenProject, engine: Engine, images: Images): boolean {
  const { env } = readEnv(project.folder);
  const { registry: mirror } = project.manifest;
  if (mirror) env.set(MIRROR_VARIABLE, mirror, { section: SECTION });
  for (const { variable, registry } of blueprint.images) {
    const image = images.get(variable);
    if (image && (image !== registry || env.get(variable) !== undefined))
      env.set(variable, image, { section: SECTION });
  }
  for (const { variable } of blueprint.dockerfiles) {
    const image = images.get(variable);
    if (image) env.set(variable, image, { section: SECTION });
    else env.delete(variable);
  }
  for (const variable of blueprint.variables)
    if (variable.machine === 'docker-socket') env.set(variable.name, engine.socketPath, { section: SECTION });
  const text = env.toString();
  if (text === project.env.toString()) return false;
  writeAtomic(join(project.folder, FILES.env), text, { mode: 0o600 });
  return true;
}

import { join } from 'node:path';
import type { Engine } from '../engine/engine.js';
import type { Images } from '../engine/images/ensure.js';
import { MIRROR_VARIABLE } from '../engine/images/plan.js';
import { writeAtomic } from '../project/files.js';
import { FILES } from '../project/project.js';
import type { OpenProject } from './open.js';

const SECTION = 'Set by gather on this machine';

/** Writes into `.env` what only this machine knows: which images it has, and where the engine's socket is. */
export function recordImages({ project, blueprint }: OpenProject, engine: Engine, images: Images): void {
  const { registry: mirror } = project.manifest;
  if (mirror) project.env.set(MIRROR_VARIABLE, mirror, { section: SECTION });
  for (const { variable, registry } of blueprint.images) {
    const image = images.get(variable);
    if (image && (image !== registry || project.env.get(variable) !== undefined))
      project.env.set(variable, image, { section: SECTION });
  }
  for (const variable of blueprint.variables)
    if (variable.machine === 'docker-socket')
      project.env.set(variable.name, engine.socketPath, { section: SECTION });
  writeAtomic(join(project.folder, FILES.env), project.env.toString(), { mode: 0o600 });
}

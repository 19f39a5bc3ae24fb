import type { Blueprint } from '../catalog/blueprint.js';
import type { Engine } from '../engine/engine.js';
import { MIRROR_VARIABLE } from '../images/build-plan.js';
import type { Images } from '../images/ensure.js';
import type { EnvFile } from '../project/dotenv.js';
import type { Manifest } from '../project/manifest.js';
import { readEnv } from '../project/project.js';
import { changeProject, type WriterOptions } from '../project/transaction.js';
import type { OpenProject } from './open.js';

const SECTION = 'Set by gather on this machine';

/**
 * Writes into `.env` what only this machine knows: which images it has, and where the engine's socket is.
 * @returns false when `.env` is still as the project was opened with
 */
export async function recordImages(
  { project, blueprint }: OpenProject,
  engine: Engine,
  images: Images,
  options: WriterOptions = {},
): Promise<boolean> {
  const put = (env: EnvFile) => putFacts(env, project.manifest, blueprint, engine, images);
  const { env } = readEnv(project.folder);
  put(env);
  const text = env.toString();
  // nothing to write: then a folder that cannot be written is no fault
  if (text !== readEnv(project.folder).env.toString())
    await changeProject(project.folder, options, (draft) => {
      put(draft.env);
      draft.save();
    });
  return text !== project.env.toString();
}

function putFacts(
  env: EnvFile,
  { registry: mirror }: Manifest,
  blueprint: Blueprint,
  engine: Engine,
  images: Images,
): void {
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
}

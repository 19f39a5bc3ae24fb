import { realpathSync } from 'node:fs';
import { lookupOf } from '../../catalog/lookup.js';
import type { EngineApi } from '../../engine/api.js';
import { stackName } from '../../engine/compose.js';
import { interpolate } from '../../project/interpolate.js';
import { PROJECT_ID } from '../../project/project.js';
import { changeProject, type WriterOptions } from '../../project/transaction.js';
import { fold } from '../../render/fold.js';
import { isMap } from '../../render/merge.js';
import { newProjectId } from '../../setup/project-id.js';
import { assertOwnData } from '../identity.js';
import type { OpenProject } from '../open.js';
import { evidenceOf, LABELS } from './evidence.js';

/** A volume of a stack: its key in compose.yaml, and its name on the engine. */
interface OwnVolume {
  key: string;
  name: string;
}

/**
 * Makes the volumes that a stack does not have yet, before Compose does, so that they carry whose they are. (Labels in compose.yaml
 * would not do: Compose takes a volume whose labels have changed for another one, and offers to make it anew, without its data.)
 */
export async function claimVolumes(docker: EngineApi, open: OpenProject): Promise<void> {
  const id = open.project.env.get(PROJECT_ID);
  const stack = stackName(open.project);
  if (!id) return;
  const { volumes } = await evidenceOf(docker, stack);
  const there = new Set(volumes.map(({ name }) => name));
  const missing = ownVolumes(open).filter((one) => !there.has(one.name));
  for (const { key, name } of missing)
    await docker.createVolume(name, {
      'com.docker.compose.project': stack,
      'com.docker.compose.volume': key,
      [LABELS.project]: id,
      [LABELS.folder]: realpathSync(open.project.folder),
    });
  // the engine gives back one that another made under this name in the meantime
  if (missing.length > 0) await assertOwnData(docker, open.project);
}

/** Those that Compose would make without anything but a name. */
export function ownVolumes({ project, blueprint }: OpenProject): OwnVolume[] {
  const lookup = lookupOf(blueprint, project.env);
  return Object.entries(fold(blueprint).resources.volumes).flatMap(([key, body]) => {
    const { name, labels: _, ...rest } = isMap(body) ? body : {};
    if (Object.keys(rest).length > 0) return [];
    return [
      { key, name: name === undefined ? `${stackName(project)}_${key}` : interpolate(String(name), lookup) },
    ];
  });
}

/**
 * Gives a `.env` that an older gather wrote, or that lost that line, an id: the one that the volumes of this folder have, else a new one.
 * @returns whether it was without one
 */
export async function ensureProjectId(
  docker: EngineApi,
  { project }: OpenProject,
  options: WriterOptions,
): Promise<boolean> {
  if (project.env.get(PROJECT_ID)) return false;
  const { volumes } = await evidenceOf(docker, stackName(project));
  const marked = volumes.find((volume) => volume.id !== undefined)?.id;
  await changeProject(project.folder, options, (draft) => {
    if (draft.env.get(PROJECT_ID)) return;
    draft.env.set(PROJECT_ID, marked ?? newProjectId(), { section: 'Stack' });
    draft.save();
  });
  return true;
}

import type { EngineApi } from '../../engine/api.js';
import type { Stack } from '../../engine/compose.js';
import { evidenceOf } from '../owner/evidence.js';
import { declaredVolumes } from './model.js';

/**
 * The names of the volumes under a stack's name on the engine, whoever made them.
 * @param stack the name of the Compose project
 */
export async function volumesOf(docker: EngineApi, stack: string): Promise<string[]> {
  const filters = { label: [`com.docker.compose.project=${stack}`] };
  return (await docker.listVolumes(filters)).map(({ Name }) => Name);
}

/** What `down --volumes` deletes, and what it leaves. */
export interface DoomedVolumes {
  /** Made by gather for this project, for a component that has left, too, or declared by compose.yaml or the override. */
  own: string[];
  /** Of the stack's name, and nobody's that gather knows of: an old quick-start's database. */
  foreign: string[];
}

/** @param id GATHER_PROJECT_ID of the project. */
export async function doomedVolumes(
  docker: EngineApi,
  stack: Stack,
  name: string,
  id: string | undefined,
): Promise<DoomedVolumes> {
  const { volumes } = await evidenceOf(docker, name);
  const isUnmarked = volumes.some((volume) => volume.id === undefined);
  const declared = isUnmarked ? await declaredVolumes(stack) : new Set<string>();
  const isOwn = (volume: { name: string; id: string | undefined }) =>
    volume.id === undefined ? declared.has(volume.name) : volume.id === id;
  const names = (all: typeof volumes) => all.map((volume) => volume.name).sort();
  return { own: names(volumes.filter(isOwn)), foreign: names(volumes.filter((volume) => !isOwn(volume))) };
}

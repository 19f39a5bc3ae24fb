import type { EngineApi } from '../../engine/api.js';
import type { Evidence } from './verdict.js';

/** Labels of what gather makes on an engine. */
export const LABELS = { project: 'gather.project', folder: 'gather.folder' } as const;

const COMPOSE = 'com.docker.compose.project';

/** What the engine has under the name of a stack: its containers, running or not, and its volumes. */
export async function evidenceOf(docker: EngineApi, stack: string): Promise<Evidence> {
  return evidence(docker, [`${COMPOSE}=${stack}`], [`${COMPOSE}=${stack}`]);
}

/** What the engine has that was made from a folder, under whatever name. */
export async function evidenceOfFolder(docker: EngineApi, folder: string): Promise<Evidence> {
  return evidence(docker, [`${COMPOSE}.working_dir=${folder}`], [`${LABELS.folder}=${folder}`]);
}

async function evidence(docker: EngineApi, ofContainers: string[], ofVolumes: string[]): Promise<Evidence> {
  const [containers, volumes] = await Promise.all([
    docker.listContainers({ all: true, filters: { label: ofContainers } }),
    docker.listVolumes({ label: ofVolumes }),
  ]);
  return {
    containerFolders: [
      ...new Set(containers.flatMap(({ Labels }) => Labels[`${COMPOSE}.working_dir`] ?? [])),
    ],
    volumes: volumes.map((volume) => ({
      name: volume.Name,
      id: volume.Labels?.[LABELS.project],
      folder: volume.Labels?.[LABELS.folder],
      // (an engine that does not say when makes it young)
      createdAt: Date.parse((volume as { CreatedAt?: string }).CreatedAt ?? '') || Number.POSITIVE_INFINITY,
    })),
  };
}

import { existsSync, realpathSync } from 'node:fs';
import type { EngineApi } from '../engine/api.js';
import { stackName } from '../engine/compose.js';
import { GatherError } from '../output/errors.js';
import { type Project, readEnv } from '../project/project.js';

/**
 * Throws PREFLIGHT_FAILED when the containers under this project's name belong to another folder: a copied project is its
 * own stack, and must not take over, or delete, the other one. A folder that was moved is itself.
 */
export async function assertOwnStack(docker: EngineApi, project: Project): Promise<void> {
  const name = stackName(project);
  const filters = { label: [`com.docker.compose.project=${name}`] };
  const containers = await docker.listContainers({ all: true, filters });
  const here = realpathSync(project.folder);
  const folders = new Set(
    containers.map(({ Labels }) => Labels['com.docker.compose.project.working_dir'] ?? here),
  );
  const other = [...folders].find(
    (folder) => existsSync(folder) && realpathSync(folder) !== here && isNamed(folder, name),
  );
  if (!other) return;
  throw new GatherError(
    'PREFLIGHT_FAILED',
    `the stack ${name} belongs to ${other}; this folder has the same name in its .env`,
    {
      hints: [`for a stack of its own: gather env set COMPOSE_PROJECT_NAME ${name}-2`],
    },
  );
}

function isNamed(folder: string, name: string): boolean {
  return readEnv(folder).env.get('COMPOSE_PROJECT_NAME') === name;
}

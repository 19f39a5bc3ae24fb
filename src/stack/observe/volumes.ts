import type { EngineApi } from '../../engine/api.js';

/**
 * The names of a stack's volumes on the engine: of all components that it has ever had. Compose's own `down --volumes` knows
 * those of the present compose.yaml only.
 * @param stack the name of the Compose project
 */
export async function volumesOf(docker: EngineApi, stack: string): Promise<string[]> {
  const filters = { label: [`com.docker.compose.project=${stack}`] };
  return (await docker.listVolumes(filters)).map(({ Name }) => Name);
}

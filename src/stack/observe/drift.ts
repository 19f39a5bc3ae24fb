import { compose, type Stack } from '../../engine/compose.js';
import { isOfEngine } from '../../engine/failure.js';
import { imagesReady } from '../../images/ensure.js';
import { staleFiles } from '../../setup/write-generated.js';
import { imageInputs, type OpenProject } from '../open.js';
import type { StackContainer } from './containers.js';

/**
 * What runs otherwise than gather.yaml, `.env`, requirements.txt and compose.yaml say now, one sentence each; `gather up` mends it.
 * @param containers those of the stack.
 */
export async function driftOf(
  stack: Stack,
  open: OpenProject,
  containers: StackContainer[],
): Promise<string[]> {
  const current = (variable: string) => open.project.env.get(variable);
  const [hashes, ready] = await Promise.all([
    compose(stack, ['config', '--hash', '*']).catch(() => undefined),
    imagesReady(imageInputs(open), stack.engine, current, stack.signal).catch((error: unknown) => {
      if (isOfEngine(error)) throw error;
      return true;
    }),
  ]);
  const stale = staleFiles(open.project, open.blueprint).map(({ file }) => file.path);
  const changed = hashes === undefined ? [] : changedServices(hashes, containers);
  return [
    ...(stale.length ? [`${stale.join(', ')}: not what gather.yaml says now`] : []),
    ...(hashes === undefined ? ['compose.yaml cannot be read: docker compose config says why'] : []),
    ...(changed.length ? [`${changed.join(', ')}: compose.yaml or .env has changed since the start`] : []),
    ...(ready ? [] : ['an image is older than requirements.txt or what gather builds it from']),
  ];
}

function changedServices(hashes: string, containers: StackContainer[]): string[] {
  const wanted = new Map(hashes.split('\n').map((line) => line.trim().split(/\s+/) as [string, string]));
  const changed = containers.filter(
    ({ service, configHash }) => wanted.has(service) && wanted.get(service) !== configHash,
  );
  return [...new Set(changed.map((one) => one.service))];
}

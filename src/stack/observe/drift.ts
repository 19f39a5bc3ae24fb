import type { Stack } from '../../engine/compose.js';
import { isOfEngine } from '../../engine/failure.js';
import { imagesReady } from '../../images/ensure.js';
import { staleFiles } from '../../setup/write-generated.js';
import { rememberedLeftOut } from '../left-out.js';
import { imageInputs, type OpenProject } from '../open.js';
import type { Difference } from './difference.js';
import type { Wanted } from './wanted.js';

/**
 * What runs otherwise than gather.yaml, `.env`, requirements.txt, compose.yaml and its override say now, one sentence each;
 * `gather up` mends it.
 * @param wanted with its hashes, where Compose could tell them
 */
export async function driftOf(
  stack: Stack,
  open: OpenProject,
  wanted: Wanted,
  differences: Difference[],
): Promise<string[]> {
  const current = (variable: string) => open.project.env.get(variable);
  const ready = await imagesReady(
    imageInputs(open, rememberedLeftOut(open.project.folder)),
    stack.engine,
    current,
    stack.signal,
  ).catch((error: unknown) => {
    if (isOfEngine(error)) throw error;
    return true;
  });
  const stale = staleFiles(open.project, open.blueprint).map(({ file }) => file.path);
  return [
    ...(stale.length ? [`${stale.join(', ')}: not what gather.yaml says now`] : []),
    // of what an override wants nothing is known then
    ...(wanted.hashes
      ? byCause(differences.filter(isDrift))
      : ['compose.yaml cannot be read: docker compose config says why']),
    ...(ready ? [] : ['an image is older than requirements.txt or what gather builds it from']),
  ];
}

/** What is gone or does not run is a fault, and no drift. */
function isDrift({ kind }: Difference): boolean {
  return kind === 'missing' || kind === 'surplus' || kind === 'unknown' || kind === 'changed';
}

/** `a, b: compose.yaml or .env has changed since the start`. */
function byCause(differences: Difference[]): string[] {
  const services = new Map<string, Set<string>>();
  for (const { cause, service } of differences)
    services.set(cause, (services.get(cause) ?? new Set()).add(service));
  return [...services].map(([cause, names]) => `${[...names].join(', ')}: ${cause}`);
}

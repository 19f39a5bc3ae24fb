import type { Stack } from '../../engine/compose.js';
import { GatherError } from '../../output/errors.js';
import { nearest } from '../../output/nearest.js';
import type { OpenProject } from '../open.js';
import { foldedModel, modelOf, overrideOf } from './model.js';

/**
 * The same names, once each is known to be a service of the stack. Throws USAGE with the nearest name.
 * @param stack asked for only where the override may have a service that the components do not have
 */
export async function knownServices(
  { blueprint, project }: OpenProject,
  names: string[],
  stack: () => Promise<Stack>,
): Promise<string[]> {
  const isKnown = (services: string[]) => names.every((name) => services.includes(name));
  let services = Object.keys(foldedModel(blueprint).services);
  if (!isKnown(services) && overrideOf(project.folder))
    services = Object.keys((await modelOf(await stack(), blueprint)).services);
  const unknown = names.find((name) => !services.includes(name));
  if (unknown === undefined) return names;
  const near = nearest(unknown, services);
  throw new GatherError(
    'USAGE',
    `this stack has no service "${unknown}"${near ? `; did you mean "${near}"?` : ''}`,
    { hints: [`services: ${services.join(', ')}`] },
  );
}

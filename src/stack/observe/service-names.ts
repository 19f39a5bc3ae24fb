import { GatherError } from '../../output/errors.js';
import { nearest } from '../../output/nearest.js';
import type { OpenProject } from '../open.js';
import { shapeOf } from './shape.js';

/** The same names, once each is known to be a service of the stack. Throws USAGE with the nearest name. */
export function knownServices({ blueprint }: OpenProject, names: string[]): string[] {
  const services = Object.keys(shapeOf(blueprint).dependsOn);
  for (const name of names) {
    if (services.includes(name)) continue;
    const near = nearest(name, services);
    throw new GatherError(
      'USAGE',
      `this stack has no service "${name}"${near ? `; did you mean "${near}"?` : ''}`,
      {
        hints: [`services: ${services.join(', ')}`],
      },
    );
  }
  return names;
}

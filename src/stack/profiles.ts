import { type ErrorCode, GatherError, type Location } from '../output/errors.js';
import { nearest } from '../output/nearest.js';
import type { Project } from '../project/project.js';

/** Every profile, for commands that must not overlook a service, whoever brings it. */
export const ALL_PROFILES = ['*'];

/** The profiles of gather.yaml and those of the command line, each once. */
export function profilesInUse(project: Project, further: string[]): string[] {
  return [...new Set([...project.manifest.profiles, ...further])];
}

/**
 * Throws for a profile that no service has, with the nearest name: PROJECT_INVALID with its line for one of gather.yaml, USAGE for
 * one of the command line.
 * @param known those that the services have
 */
export function checkProfiles({ manifest }: Project, known: string[], further: string[] = []): void {
  for (const [i, name] of manifest.profiles.entries())
    assertKnown(name, known, 'PROJECT_INVALID', manifest.at?.(['profiles', i]));
  for (const name of further) assertKnown(name, known, 'USAGE');
}

function assertKnown(name: string, known: string[], code: ErrorCode, where?: Location): void {
  if (known.includes(name)) return;
  const near = nearest(name, known);
  throw new GatherError(
    code,
    `no service has the profile "${name}"${near ? `; did you mean "${near}"?` : ''}`,
    { where, hints: [`profiles: ${known.join(', ')}`] },
  );
}

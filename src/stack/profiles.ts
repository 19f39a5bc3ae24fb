import { join } from 'node:path';
import { parse } from 'yaml';
import type { Blueprint } from '../catalog/blueprint.js';
import { type ErrorCode, GatherError, type Location } from '../output/errors.js';
import { nearest } from '../output/nearest.js';
import { readIfThere } from '../project/files.js';
import { FILES, type Project } from '../project/project.js';

/** The Compose profiles that the components of a stack have. */
export function allProfiles(blueprint: Blueprint): string[] {
  const services = blueprint.components.flatMap((component) => Object.values(component.services));
  return profilesOf(services);
}

/** Throws PROJECT_INVALID for a profile of gather.yaml that no service has, with its line and the nearest name. */
export function checkProfiles(project: Project, blueprint: Blueprint): void {
  const { profiles, at } = project.manifest;
  for (const [i, name] of profiles.entries())
    assertKnown(name, project, blueprint, 'PROJECT_INVALID', at?.(['profiles', i]));
}

/** The profiles of gather.yaml and those of the command line. Throws USAGE for one of these that no service has. */
export function profilesInUse(project: Project, blueprint: Blueprint, further: string[]): string[] {
  for (const name of further) assertKnown(name, project, blueprint, 'USAGE');
  return [...new Set([...project.manifest.profiles, ...further])];
}

function assertKnown(
  name: string,
  project: Project,
  blueprint: Blueprint,
  code: ErrorCode,
  where?: Location,
): void {
  const known = [...new Set([...allProfiles(blueprint), ...overridden(project)])];
  if (known.includes(name)) return;
  const near = nearest(name, known);
  throw new GatherError(
    code,
    `no service has the profile "${name}"${near ? `; did you mean "${near}"?` : ''}`,
    {
      where,
      hints: [`profiles: ${known.join(', ')}`],
    },
  );
}

/** Those of compose.override.yaml, which Compose reads by itself; it also says what is wrong with that file. */
function overridden({ folder }: Project): string[] {
  try {
    const file = parse(readIfThere(join(folder, FILES.override)) ?? '', { merge: true, logLevel: 'silent' });
    return profilesOf(Object.values((file?.services ?? {}) as Record<string, { profiles?: unknown } | null>));
  } catch {
    return [];
  }
}

function profilesOf(services: ({ profiles?: unknown } | null)[]): string[] {
  const profiles = services.flatMap((service) =>
    Array.isArray(service?.profiles) ? service.profiles.map(String) : [],
  );
  return [...new Set(profiles)].sort();
}

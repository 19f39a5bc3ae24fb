import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Blueprint } from '../../catalog/blueprint.js';
import type { Component, VersionSpec } from '../../catalog/schema.js';
import type { EngineApi } from '../../engine/api.js';
import { stackName } from '../../engine/compose.js';
import { imageName, OWN_PREFIX } from '../../images/build-plan.js';
import type { ImagePlan } from '../../images/plan.js';
import { GatherError } from '../../output/errors.js';
import { writeAtomic } from '../../project/files.js';
import { interpolate } from '../../project/interpolate.js';
import { FILES, type Project } from '../../project/project.js';
import { isSettled, type StackContainer } from '../observe/containers.js';
import { evidenceOf } from '../owner/evidence.js';
import type { VolumeEvidence } from '../owner/verdict.js';

/** Which versions last had the data, and what it was stored in: another volume of that name is other data. */
interface Written {
  /** Variable of an image → version. */
  versions: Record<string, string>;
  /** Volume → when it was made. */
  volumes: Record<string, number>;
}

/** A program whose version has to fit the data (`versions` in x-gather), and the version that is to come. */
export interface DataVersion {
  image: string;
  spec: VersionSpec;
  component: Component;
  wanted: string;
  /** What an image of it is called, without a tag. */
  names: string[];
}

/** Below the project, ignored by git: a second source, for a stack that is down. */
const FILE = join(FILES.state, 'versions.json');

/** What the components of a stack say of versions, with those that its images will have. A part that is not started has no say. */
export function dataVersions({ components }: Blueprint, plans: ImagePlan[]): DataVersion[] {
  return components.flatMap((component) =>
    Object.entries(component.versions).flatMap(([image, spec]) => {
      const plan = plans.find((one) => one.spec.variable === image);
      if (!plan) return [];
      const names = [OWN_PREFIX + imageName(image), ...plan.pulls.map((name) => tagged(name)[0])];
      return [{ image, spec, component, wanted: plan.version, names }];
    }),
  );
}

/**
 * Holds each version that is to come against the one that has the data: what runs would be replaced before it could say itself that it
 * cannot read it. The containers of the stack count (those that ended well or are healthy have seen the data), then what gather wrote down.
 * @param agree asks a person
 * @throws PREFLIGHT_FAILED for one that cannot have the data, NEEDS_YES for one that nobody agrees to
 */
export async function checkDataVersions(
  docker: EngineApi,
  project: Project,
  all: DataVersion[],
  containers: StackContainer[],
  agree: (question: string) => Promise<boolean>,
): Promise<void> {
  const { volumes } = await evidenceOf(docker, stackName(project));
  const recorded = recordedFor(project.folder, volumes);
  const settled = containers.filter(isSettled);
  for (const one of all) {
    const ran = await Promise.all(settled.map((container) => versionOf(docker, container, one)));
    const known = [...ran, recorded[one.image]].filter((version) => version !== undefined);
    const newest = known.sort((a, b) => compare(a, b, one.spec.parts)).at(-1);
    if (newest !== undefined) await check(one, newest, project, agree);
  }
}

async function check(
  { spec, wanted, component, image }: DataVersion,
  found: string,
  project: Project,
  agree: (question: string) => Promise<boolean>,
): Promise<void> {
  const { name, older, newer, parts } = spec;
  const change = compare(wanted, found, parts);
  if (change === 0) return;
  const stay = interpolate(
    spec.stay,
    () => found,
    () => component.at(['x-gather', 'versions', image, 'stay']),
  );
  const hints = [
    `stay with it: ${stay}`,
    `start beside it, with data of its own: gather env set COMPOSE_PROJECT_NAME ${stackName(project)}-2`,
  ];
  if (change < 0 && older !== undefined)
    throw new GatherError(
      'PREFLIGHT_FAILED',
      `${name} ${found} has had the data of this stack, and ${name} ${wanted} is to come: ${older}; nothing was changed`,
      {
        hints: [...hints, 'or delete the data: gather down --volumes'],
      },
    );
  if (change > 0 && newer === undefined) return;
  const what = `${name} ${found} has had the data of this stack, and ${name} ${wanted} is to come${newer && change > 0 ? `: ${newer}` : ''}.`;
  if (await agree(`${what} Let it?`)) return;
  throw new GatherError('NEEDS_YES', `${what} Nothing was changed.`, {
    hints: ['gather up --yes lets it', ...hints],
  });
}

/** Writes down which versions have the data now. A file that cannot be written is no fault: the containers say the same. */
export async function recordDataVersions(
  docker: EngineApi,
  project: Project,
  all: DataVersion[],
): Promise<void> {
  const { volumes } = await evidenceOf(docker, stackName(project));
  const now = Object.fromEntries(all.map(({ image, wanted }) => [image, wanted]));
  // what a component that has left wrote may still be there when it comes back
  const written: Written = {
    versions: { ...recordedFor(project.folder, volumes), ...now },
    volumes: madeAt(volumes),
  };
  try {
    mkdirSync(join(project.folder, FILES.state), { recursive: true });
    writeAtomic(join(project.folder, FILE), `${JSON.stringify(written)}\n`);
  } catch {}
}

/** Which version a container is: what its environment says, as Airflow's images do, or else the tag of its image. */
async function versionOf(
  docker: EngineApi,
  { id, image }: StackContainer,
  { spec, names }: DataVersion,
): Promise<string | undefined> {
  if (spec.env === undefined) {
    const [name, tag] = tagged(image);
    return names.includes(name) ? /^v?(\d+(\.\d+)*)/.exec(tag)?.[1] : undefined;
  }
  const { Config } = await docker.inspectContainer(id);
  const line = (Config?.Env ?? []).find((one) => one.startsWith(`${spec.env}=`)) ?? '';
  return /=(\d+(\.\d+)*)$/.exec(line)?.[1];
}

/** The name of an image and its tag; the colon of a registry's port is none of a tag. */
function tagged(image: string): [name: string, tag: string] {
  const [, name = image, tag = ''] = /^(.*?)(?::([^:/]*))?$/.exec(image) ?? [];
  return [name, tag];
}

/** Below 0 where `a` is the older one, by its first `parts` numbers. */
function compare(a: string, b: string, parts = Number.POSITIVE_INFINITY): number {
  const [first, second] = [a, b].map((version) => version.split('.').map(Number).slice(0, parts));
  for (let i = 0; i < Math.max(first?.length ?? 0, second?.length ?? 0); i++) {
    const difference = (first?.[i] ?? 0) - (second?.[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** What was written down; nothing of it where a volume of then is gone. */
function recordedFor(folder: string, volumes: VolumeEvidence[]): Written['versions'] {
  try {
    const read = JSON.parse(readFileSync(join(folder, FILE), 'utf8')) as Partial<Written>;
    const isSame = Object.entries(read.volumes ?? {}).every(([name, at]) =>
      volumes.some((volume) => volume.name === name && volume.createdAt === at),
    );
    return isSame ? (read.versions ?? {}) : {};
  } catch {
    return {};
  }
}

function madeAt(volumes: VolumeEvidence[]): Written['volumes'] {
  return Object.fromEntries(volumes.map(({ name, createdAt }) => [name, createdAt]));
}

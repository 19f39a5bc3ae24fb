import type { Blueprint } from '../../catalog/blueprint.js';
import { lookupOf } from '../../catalog/lookup.js';
import type { ProbeSpec } from '../../catalog/schema.js';
import type { Stack } from '../../engine/compose.js';
import { interpolate, type Lookup } from '../../project/interpolate.js';
import type { Project } from '../../project/project.js';
import { namesOf } from '../../render/fold.js';
import { isMap } from '../../render/merge.js';
import { bytesOf } from './bytes.js';
import { type ComposeModel, foldedModel, type ModelService, modelOf } from './model.js';
import { type PublishedPort, portsOf } from './ports.js';

/** What is wanted of a stack. */
export interface Wanted {
  /** Service → the services that it waits for. */
  dependsOn: Record<string, string[]>;
  /** Services that others wait for to end well. */
  oneShots: ReadonlySet<string>;
  /** Services that are not to run: their profiles are not in use, or no container of them is wanted. */
  idle: ReadonlySet<string>;
  /** Service → how many containers of it are wanted, where it is to run. */
  replicas: Record<string, number>;
  /** Service → the bytes of memory that its containers reserve together (deploy.resources.reservations), where it is to run. */
  reserved: Record<string, number>;
  /** Service → its image, a template of variables: which one it is shows only once there are images. */
  images: Record<string, string>;
  /** Service → what it publishes on this machine. */
  ports: Record<string, PublishedPort[]>;
  /** Service → its networks: the key in compose.yaml, and a name of its own where it has one. */
  networks: Record<string, { key: string; name: string | undefined }[]>;
  /** Every profile that a service has. */
  profiles: string[];
  /** The checks of the services that are to run: nobody waits for one whose profile is not in use. */
  probes: ProbeSpec[];
  /** Service → Compose's digest of it, for those that are to run; undefined where nobody asked Compose. */
  hashes?: Record<string, string> | undefined;
}

export interface Planned {
  project: Project;
  blueprint: Blueprint;
}

/** What the stack is to be, as Compose will run it. Throws PROJECT_INVALID for an override that Compose cannot read. */
export async function wantedOf(stack: Stack, blueprint: Blueprint): Promise<Wanted> {
  const model = await modelOf(stack, blueprint);
  return wantedFrom(model, { project: stack.project, blueprint }, stack.profiles, stack.without);
}

/** What the components alone want: for who only needs to know gather's own services. @param active the profiles in use. */
export function foldedWanted(planned: Planned, active: string[] = [], leftOut: string[] = []): Wanted {
  return wantedFrom(foldedModel(planned.blueprint), planned, active, leftOut);
}

/** @param leftOut services of which no container is wanted, whatever the files say */
export function wantedFrom(
  model: ComposeModel,
  { project, blueprint }: Planned,
  active: string[],
  leftOut: string[] = [],
): Wanted {
  const known = lookupOf(blueprint, project.env);
  // as Compose has it: what `.env` does not set is the shell's to say
  const lookup: Lookup = (name) => known(name) ?? process.env[name];
  const wanted = {
    dependsOn: {} as Wanted['dependsOn'],
    replicas: {} as Wanted['replicas'],
    reserved: {} as Wanted['reserved'],
    images: {} as Wanted['images'],
    ports: {} as Wanted['ports'],
    networks: {} as Wanted['networks'],
  };
  const [oneShots, idle, profiles] = [new Set<string>(), new Set<string>(), new Set<string>()];
  for (const [name, service] of Object.entries(model.services)) {
    const waits = conditionsOf(service);
    wanted.dependsOn[name] = Object.keys(waits);
    for (const [other, condition] of Object.entries(waits))
      if (condition === 'service_completed_successfully') oneShots.add(other);
    const own = (service.profiles ?? []).map((profile) => interpolate(String(profile), lookup));
    for (const profile of own) profiles.add(profile);
    const written = Number(interpolate(String(service.scale ?? service.deploy?.replicas ?? 1), lookup));
    const replicas = leftOut.includes(name) ? 0 : written;
    wanted.replicas[name] = replicas;
    if (replicas === 0 || (own.length > 0 && !own.some((profile) => active.includes(profile))))
      idle.add(name);
    if (service.image !== undefined) wanted.images[name] = service.image;
    const reserved = service.deploy?.resources?.reservations?.memory;
    if (reserved !== undefined)
      wanted.reserved[name] = replicas * (bytesOf(interpolate(String(reserved), lookup)) ?? 0);
    wanted.networks[name] = namesOf(service.networks).map((key) => ({
      key,
      name: model.networks[key]?.name && interpolate(model.networks[key].name, lookup),
    }));
    wanted.ports[name] = portsOf(name, service.ports, lookup);
  }
  const probes = blueprint.components
    .flatMap((component) => component.probes)
    .filter(({ service }) => service in wanted.dependsOn && !idle.has(service));
  return { ...wanted, oneShots, idle, profiles: [...profiles].sort(), probes };
}

/** The services that one waits for, and for what. */
function conditionsOf({ depends_on: waits }: ModelService): Record<string, string> {
  if (!isMap(waits)) return Object.fromEntries(namesOf(waits).map((name) => [name, 'service_started']));
  return Object.fromEntries(
    Object.entries(waits).map(([name, how]) => [
      name,
      isMap(how) ? String(how.condition) : 'service_started',
    ]),
  );
}

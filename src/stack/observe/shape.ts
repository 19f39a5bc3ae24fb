import type { Blueprint } from '../../catalog/blueprint.js';
import type { ProbeSpec } from '../../catalog/schema.js';
import { fold, namesOf, whole } from '../../render/fold.js';
import { isMap } from '../../render/merge.js';

/** What the components say of the services of a stack. */
export interface StackShape {
  /** Service → the services that it waits for. */
  dependsOn: Record<string, string[]>;
  /** Services that others wait for to end well. */
  oneShots: ReadonlySet<string>;
  /** Services whose profiles are not in use: a Flower that was stopped is no fault. */
  idle: ReadonlySet<string>;
  /** Service → what it publishes, as in `ports:`, with variables in it. */
  ports: Record<string, string[]>;
  /** Service → its networks: the key in compose.yaml, and a name of its own where it has one. */
  networks: Record<string, { key: string; name: string | undefined }[]>;
  /** The checks of the services that are to run: nobody waits for one whose profile is not in use. */
  probes: ProbeSpec[];
}

/** @param active the Compose profiles in use. */
export function shapeOf(blueprint: Blueprint, active: string[] = []): StackShape {
  const folded = fold(blueprint);
  const dependsOn: StackShape['dependsOn'] = {};
  const ports: StackShape['ports'] = {};
  const networks: StackShape['networks'] = {};
  const oneShots = new Set<string>();
  const idle = new Set<string>();
  for (const service of folded.services) {
    const body = whole(service, folded.templates);
    const waits = isMap(body.depends_on) ? Object.entries(body.depends_on) : [];
    dependsOn[service.name] = waits.map(([name]) => name);
    for (const [name, how] of waits)
      if (isMap(how) && how.condition === 'service_completed_successfully') oneShots.add(name);
    const profiles = (body.profiles as string[] | undefined) ?? [];
    if (profiles.length > 0 && !profiles.some((profile) => active.includes(profile))) idle.add(service.name);
    const published = (body.ports as unknown[] | undefined) ?? [];
    networks[service.name] = namesOf(body.networks).map((key) => {
      const own = folded.resources.networks[key];
      return { key, name: isMap(own) && typeof own.name === 'string' ? own.name : undefined };
    });
    ports[service.name] = published.filter((port) => typeof port === 'string');
  }
  const probes = blueprint.components
    .flatMap((component) => component.probes)
    .filter(({ service }) => service in dependsOn && !idle.has(service));
  return { dependsOn, oneShots, idle, ports, networks, probes };
}

import type { Blueprint } from '../catalog/resolve.js';
import { fold, whole } from '../render/fold.js';
import { isMap } from '../render/merge.js';

/** What the components say of the services of a stack. */
export interface StackShape {
  /** Service → the services that it waits for. */
  dependsOn: Record<string, string[]>;
  /** Services that others wait for to end well. */
  oneShots: ReadonlySet<string>;
  /** Service → the profiles that start it; empty for one that always starts. */
  profiles: Record<string, string[]>;
  /** Service → what it publishes, as in `ports:`, with variables in it. */
  ports: Record<string, string[]>;
  /** Services that are built on the Airflow image. */
  airflow: ReadonlySet<string>;
}

export function shapeOf(blueprint: Blueprint): StackShape {
  const folded = fold(blueprint);
  const shape = { dependsOn: {}, profiles: {}, ports: {} } as Pick<
    StackShape,
    'dependsOn' | 'profiles' | 'ports'
  >;
  const oneShots = new Set<string>();
  const airflow = new Set<string>();
  for (const service of folded.services) {
    const body = whole(service, folded.templates);
    const waits = isMap(body.depends_on) ? Object.entries(body.depends_on) : [];
    shape.dependsOn[service.name] = waits.map(([name]) => name);
    for (const [name, how] of waits)
      if (isMap(how) && how.condition === 'service_completed_successfully') oneShots.add(name);
    shape.profiles[service.name] = (body.profiles as string[] | undefined) ?? [];
    shape.ports[service.name] = ((body.ports as unknown[] | undefined) ?? []).filter(
      (port) => typeof port === 'string',
    );
    if (String(body.image).includes('AIRFLOW_IMAGE')) airflow.add(service.name);
  }
  return { ...shape, oneShots, airflow };
}

import { lookupIn } from '../catalog/lookup.js';
import { stackName } from '../engine/compose.js';
import { connect } from '../engine/docker.js';
import type { Engine } from '../engine/engine.js';
import { linksOf } from '../render/project-files.js';
import { isSettled, listContainers } from './containers.js';
import type { OpenProject } from './open.js';
import { type ProbeResult, runProbe } from './probe.js';
import { redactor } from './redact.js';
import { shapeOf } from './shape.js';

/** What runs, and whether it is usable. */
export interface StatusReport {
  stack: string;
  folder: string;
  topology: string;
  airflow: string;
  engine: string;
  usable: boolean;
  services: { service: string; container: string; state: string; image: string; ports: number[] }[];
  probes: ProbeResult[];
  links: Record<string, string>;
}

export async function status({ project, blueprint }: OpenProject, engine: Engine): Promise<StatusReport> {
  const docker = await connect(engine);
  const shape = shapeOf(blueprint, project.manifest.profiles);
  const lookup = lookupIn(blueprint.variables, (name) => project.env.get(name));
  const clean = redactor(blueprint, project.env);
  const containers = await listContainers(docker, stackName(project), shape);
  const probes = containers.length ? shape.probes : [];
  const results = (
    await Promise.all(probes.map((probe) => runProbe(docker, probe, containers, lookup)))
  ).flat();
  const missing = Object.keys(shape.dependsOn).filter(
    (service) => !shape.idle.has(service) && !containers.some((one) => one.service === service),
  );
  return {
    stack: stackName(project),
    folder: project.folder,
    topology: blueprint.topology,
    airflow: blueprint.airflow,
    engine: `Docker Engine ${engine.version}${engine.kind === 'managed' ? ', managed by gather' : ''}`,
    usable:
      containers.length > 0 &&
      missing.length === 0 &&
      containers.every(isSettled) &&
      results.every((one) => one.passed),
    services: [
      ...containers.map(({ service, label, state, image, ports }) => ({
        service,
        container: label,
        state,
        image,
        ports: [...new Set(ports)],
      })),
      ...(containers.length ? missing : []).map((service) => ({
        service,
        container: service,
        state: 'missing',
        image: '',
        ports: [],
      })),
    ],
    probes: results.map((one) => ({ ...one, problem: clean(one.problem) })),
    links: linksOf(
      blueprint,
      lookup,
      (service) => !shape.idle.has(service) || containers.some((one) => one.service === service),
    ),
  };
}

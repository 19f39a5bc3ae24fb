import { lookupOf } from '../../catalog/lookup.js';
import { connect } from '../../engine/api.js';
import { stackName } from '../../engine/compose.js';
import type { Engine } from '../../engine/engine.js';
import { isOfEngine } from '../../engine/failure.js';
import type { Reporter } from '../../output/events.js';
import { linksOf } from '../../render/project-files.js';
import { rememberedLeftOut, servicesOf } from '../left-out.js';
import type { OpenProject } from '../open.js';
import { tellOfMove } from '../owner/moved.js';
import { type ProbeResult, runProbe } from '../ready/probe.js';
import { redactor } from '../redact.js';
import { readBootRecord } from '../up/boot-record.js';
import { isSettled, listContainers } from './containers.js';
import { difference } from './difference.js';
import { driftOf } from './drift.js';
import { type LauncherReport, launcherOf } from './launcher.js';
import { hashesOf } from './model.js';
import { type Reach, reachOf } from './reach.js';
import { foldedWanted, wantedOf } from './wanted.js';

/** What runs, and whether it is usable. `Dags` is what the caller's question about DAGs answers. */
export interface StatusReport<Dags = unknown> {
  stack: string;
  folder: string;
  topology: string;
  airflow: string;
  engine: string;
  usable: boolean;
  services: { service: string; container: string; state: string; image: string; ports: number[] }[];
  probes: ProbeResult[];
  links: Record<string, string>;
  /** The version of Compose. */
  compose: string;
  /** Compose profiles in use. */
  profiles: string[];
  /** Parts that the last `gather up` left out; nobody misses them. */
  leftOut: string[];
  /** What runs otherwise than the project's files say now, in words. */
  drift: string[];
  /** Absent while Airflow's API does not answer. */
  dags?: Dags;
  launcher: LauncherReport;
  /** The last boot from this folder. */
  lastBoot?: { started: string; seconds: number; usable: boolean };
}

/** Longer than curl's and the workers' own limits mostly take, and as long as anybody waits for a status. */
const PROBE_LIMIT_MS = 5000;

/** @param askDags asks Airflow, where it is, beside the other questions, within so many milliseconds; nothing is asked while nothing runs. */
export async function status<Dags>(
  open: OpenProject,
  engine: Engine,
  askDags: (reach: Reach, limitMs: number) => Promise<Dags | undefined>,
  { report, signal }: { report: Reporter; signal: AbortSignal },
): Promise<StatusReport<Dags>> {
  const { project, blueprint } = open;
  const docker = await connect(engine, signal);
  await tellOfMove(docker, project, report);
  const profiles = project.manifest.profiles;
  const names = rememberedLeftOut(project.folder);
  const out = blueprint.components.filter(({ name }) => names.includes(name));
  const without = servicesOf(blueprint, out);
  const stack = { engine, project, profiles, without, signal };
  const [model, hashes] = await Promise.all([
    // with an override that Compose cannot read, what the components say is still worth a look
    wantedOf(stack, blueprint).catch((error: unknown) => {
      if (isOfEngine(error)) throw error;
      return foldedWanted(open, profiles, without);
    }),
    hashesOf(stack),
  ]);
  const reach = reachOf(open, model);
  const lookup = lookupOf(blueprint, project.env);
  const clean = redactor(blueprint, project.env);
  const containers = await listContainers(docker, stackName(project), model);
  const wanted = { ...model, hashes };
  const differences = difference(wanted, containers, stackName(project));
  // a Flower that was asked for once is asked too while it runs
  const isThere = (name: string) => containers.some((one) => one.service === name);
  const all = blueprint.components.flatMap((component) => component.probes);
  const probes = containers.length
    ? all.filter((probe) => wanted.probes.includes(probe) || isThere(probe.service))
    : [];
  const [answers, drift, dags, launcher] = await Promise.all([
    Promise.all(probes.map((probe) => runProbe(docker, probe, containers, lookup, PROBE_LIMIT_MS))),
    containers.length ? driftOf(stack, open, wanted, differences) : [],
    containers.length ? askDags(reach, PROBE_LIMIT_MS) : undefined,
    launcherOf(open, docker, containers),
  ]);
  const alone = differences
    .filter(({ kind }) => kind === 'cut off')
    .map(({ service, cause }) => ({ service, says: 'is on its networks', passed: false, problem: cause }));
  const results = [...alone, ...answers.flat()];
  const lastBoot = readBootRecord(project.folder);
  // what has ended may be cleared away
  const missing = differences
    .filter(({ kind, service }) => kind === 'gone' && !wanted.oneShots.has(service))
    .map(({ service }) => service);
  return {
    stack: stackName(project),
    folder: project.folder,
    topology: blueprint.topology,
    airflow: blueprint.airflow,
    engine: `Docker Engine ${engine.version}${engine.kind === 'managed' ? ', managed by gather' : ''}`,
    compose: engine.composeVersion,
    profiles,
    leftOut: out.map(({ name }) => name),
    drift,
    ...(dags && { dags }),
    launcher,
    ...(lastBoot && {
      lastBoot: { started: lastBoot.started, seconds: lastBoot.seconds, usable: lastBoot.usable },
    }),
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
    links: linksOf(blueprint, lookup, {
      runs: (service) => !wanted.idle.has(service) || isThere(service),
      follow: (address) => reach.to(address),
    }),
  };
}

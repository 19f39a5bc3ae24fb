import { lookupOf } from '../../catalog/lookup.js';
import { connect } from '../../engine/api.js';
import { compose, type Stack, stackName } from '../../engine/compose.js';
import type { Engine } from '../../engine/engine.js';
import { RootFileSystem } from '../../images/base-image.js';
import { ensureImages, imagesReady } from '../../images/ensure.js';
import type { Reporter } from '../../output/events.js';
import { linksOf } from '../../render/project-files.js';
import { staleFiles, writeStale } from '../../setup/write-generated.js';
import { assertOwnStack } from '../identity.js';
import { isSettled, listContainers } from '../observe/containers.js';
import { cutOff } from '../observe/cut-off.js';
import { shapeOf } from '../observe/shape.js';
import { imageInputs, type OpenProject, openProject } from '../open.js';
import { answersQuickly } from '../ready/quick-probe.js';
import { recordImages } from '../record-images.js';
import { boot } from './boot.js';
import { type BootRecord, BootRecorder, writeBootRecord } from './boot-record.js';
import { inTurn } from './lock.js';
import { preflight } from './preflight.js';

export interface UpOptions {
  open: OpenProject;
  home: string;
  /** Finds the engine or starts one. */
  engine(signal: AbortSignal): Promise<Engine>;
  /** True when an engine first has to be installed, and other work can be done meanwhile. */
  engineIsSlow: boolean;
  profiles: string[];
  timeout: number;
  report: Reporter;
  signal: AbortSignal;
}

/** What `gather up` hands back. */
export interface UpReport {
  stack: string;
  folder: string;
  /** False when everything already ran as it should. */
  changed: boolean;
  links: Record<string, string>;
  login: { username: string; passwordVariable: string } | undefined;
  /** Seconds each phase took. */
  seconds: Record<string, number>;
  /** Where the time went; only when something was booted. */
  boot?: BootRecord;
}

/** Brings a project's stack up, from whatever state it is in. A healthy, unchanged stack is left alone. */
export async function up(options: UpOptions): Promise<UpReport> {
  const { report, open } = options;
  const rendered = writeStale(open.project, staleFiles(open.project, open.blueprint));
  if (rendered.length) report.event({ type: 'note', text: `rendered: ${rendered.join(', ')}` });
  const recorder = new BootRecorder(report);
  const recorded: UpOptions = {
    ...options,
    report: recorder,
    // an engine that has to be started tells so before there is a recorder
    engine: (signal) => recorder.timed('engine', options.engine(signal)),
  };
  const root = earlyRoot(recorded);
  const keep = (usable: boolean) => {
    const record = recorder.record(open.blueprint.airflow, usable);
    if (record.containers.length + record.images.length + record.phases.length > 0)
      keepRecord(open.project.folder, record, report);
    return record;
  };
  try {
    const done = await bringUp(recorded, rendered.length > 0, root);
    return done.changed ? { ...done, boot: keep(true) } : done;
  } catch (error) {
    keep(false);
    throw error;
  } finally {
    root?.dispose();
  }
}

/** A record that cannot be written is no reason to fail, nor to hide why a boot failed. */
function keepRecord(folder: string, record: BootRecord, report: Reporter): void {
  try {
    writeBootRecord(folder, record);
  } catch (error) {
    report.event({
      type: 'warning',
      text: `the times of this boot are not kept: ${(error as Error).message}`,
    });
  }
}

async function bringUp(
  options: UpOptions,
  isRendered: boolean,
  root: RootFileSystem | undefined,
): Promise<UpReport> {
  const { report, profiles } = options;
  const clock = new Clock();
  const engine = await options.engine(options.signal);
  clock.lap('engine');
  const stack: Stack = { engine, project: options.open.project, profiles, signal: options.signal };
  const docker = await connect(engine, options.signal);
  await assertOwnStack(docker, options.open.project);
  if (!isRendered && (await runsUnchanged(stack, options.open))) {
    clock.lap('check');
    return summary(options.open, profiles, clock, false);
  }

  const { project } = options.open;
  return inTurn(project.folder, report, options.signal, async (waited) => {
    const open = waited ? openProject(project.folder, options.home) : options.open;
    if (waited) {
      // minutes may have gone by, and who was first may have done all there was to do
      clock.lap('waited');
      writeStale(open.project, staleFiles(open.project, open.blueprint));
      if (await runsUnchanged({ ...stack, project: open.project }, open))
        return summary(open, profiles, clock, false);
    }
    return start({ ...options, open }, engine, root, clock);
  });
}

/** Everything but the look whether there is anything to do. */
async function start(
  options: UpOptions,
  engine: Engine,
  root: RootFileSystem | undefined,
  clock: Clock,
): Promise<UpReport> {
  const { report, profiles, signal } = options;
  const docker = await connect(engine, signal);
  await preflight(
    { engine, project: options.open.project, profiles, signal },
    docker,
    options.open.blueprint,
    report,
  );
  clock.lap('preflight');
  const images = await ensureImages(imageInputs(options.open), {
    engine,
    report,
    root,
    signal,
    current: (name) => options.open.project.env.get(name),
  });
  report.event({
    type: 'phase-done',
    phase: 'images',
    seconds: clock.lap('images'),
    text: `${images.size} images`,
  });
  const open = recordImages(options.open, engine, images)
    ? openProject(options.open.project.folder, options.home)
    : options.open;
  const times = await boot({
    stack: { engine, project: open.project, profiles, signal },
    docker,
    blueprint: open.blueprint,
    report,
    timeout: options.timeout,
    signal,
  });
  clock.add('services', times.services);
  clock.add('probes', times.probes);
  return summary(open, profiles, clock, true);
}

/** While an engine is being installed, the base image can already be made. */
function earlyRoot({ open, report, signal, engineIsSlow }: UpOptions): RootFileSystem | undefined {
  if (!engineIsSlow || open.project.manifest.images === 'registry' || process.getuid?.() !== 0)
    return undefined;
  const root = new RootFileSystem(open.catalog.imageFolder('base'), report, signal);
  root.start().catch(() => {});
  return root;
}

/** True when every container runs as compose.yaml and `.env` say now, on the right images, and the parts answer. */
async function runsUnchanged(stack: Stack, open: OpenProject): Promise<boolean> {
  const docker = await connect(stack.engine, stack.signal);
  const shape = shapeOf(open.blueprint, stack.profiles);
  const name = stackName(open.project);
  const containers = name ? await listContainers(docker, name, shape) : [];
  if (containers.length === 0 || !containers.every(isSettled)) return false;
  if (cutOff(containers, shape, name).length > 0) return false;
  const current = (variable: string) => open.project.env.get(variable);
  const lookup = lookupOf(open.blueprint, open.project.env);
  const [hashes, ready, answers] = await Promise.all([
    compose(stack, ['config', '--hash', '*']).catch(() => ''),
    imagesReady(imageInputs(open), stack.engine, current, stack.signal),
    Promise.all(shape.probes.map((probe) => answersQuickly(docker, probe, containers, lookup))),
  ]);
  if (!ready || !hashes || answers.includes(false)) return false;
  const wanted = hashes.split('\n').map((line) => line.trim().split(/\s+/) as [string, string]);
  return wanted.every(([service, hash]) => {
    const own = containers.filter((one) => one.service === service);
    return own.length === replicasOf(service, open, lookup) && own.every((one) => one.configHash === hash);
  });
}

function replicasOf(
  service: string,
  { blueprint }: OpenProject,
  lookup: (name: string) => string | undefined,
): number {
  const deploy = blueprint.components.map((component) => component.services[service]?.deploy).find(Boolean) as
    | { replicas?: unknown }
    | undefined;
  const variable = /\$\{(\w+)/.exec(String(deploy?.replicas ?? ''))?.[1];
  return Number(variable ? lookup(variable) : (deploy?.replicas ?? 1));
}

function summary(
  { project, blueprint }: OpenProject,
  profiles: string[],
  clock: Clock,
  changed: boolean,
): UpReport {
  const { idle } = shapeOf(blueprint, profiles);
  const lookup = lookupOf(blueprint, project.env);
  const { login } = blueprint;
  return {
    stack: stackName(project),
    folder: project.folder,
    changed,
    links: linksOf(blueprint, lookup, (service) => !idle.has(service)),
    login: login && { username: lookup(login.username) ?? '', passwordVariable: login.password },
    seconds: clock.laps,
  };
}

/** Seconds by phase. */
class Clock {
  readonly laps: Record<string, number> = {};
  private last = Date.now();

  lap(name: string): number {
    const seconds = (Date.now() - this.last) / 1000;
    this.last = Date.now();
    this.add(name, seconds);
    return seconds;
  }

  add(name: string, seconds: number): void {
    this.laps[name] = Math.round(seconds * 100) / 100;
  }
}

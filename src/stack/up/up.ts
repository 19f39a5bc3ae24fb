import { lookupOf } from '../../catalog/lookup.js';
import { connect } from '../../engine/api.js';
import { type Stack, stackName } from '../../engine/compose.js';
import type { Engine } from '../../engine/engine.js';
import { RootFileSystem } from '../../images/base-image.js';
import { ensureImages } from '../../images/ensure.js';
import { planImages } from '../../images/plan.js';
import type { Reporter } from '../../output/events.js';
import { linksOf } from '../../render/project-files.js';
import { assertOwnData } from '../identity.js';
import type { LeftOut } from '../left-out.js';
import { isSettled, listContainers } from '../observe/containers.js';
import { reachOf } from '../observe/reach.js';
import type { Wanted } from '../observe/wanted.js';
import { imageInputs, type OpenProject, openProject } from '../open.js';
import { claimVolumes, ensureProjectId } from '../owner/claim-volumes.js';
import { tellOfMove } from '../owner/moved.js';
import { checkProfiles } from '../profiles.js';
import { recordImages } from '../record-images.js';
import { applyFiles } from '../state/apply-files.js';
import { checkDataVersions, dataVersions, recordDataVersions } from '../state/data-versions.js';
import { writeGenerated } from '../write-generated.js';
import { boot } from './boot.js';
import { type BootRecord, BootRecorder, writeBootRecord } from './boot-record.js';
import { Clock } from './clock.js';
import { inTurn } from './lock.js';
import { look } from './look.js';
import { preflight } from './preflight.js';
import { makeFactsFolder, writeStackFacts } from './stack-facts.js';

export interface UpOptions {
  open: OpenProject;
  home: string;
  /** Finds the engine or starts one. */
  engine(signal: AbortSignal): Promise<Engine>;
  /** True when an engine first has to be installed, and other work can be done meanwhile. */
  engineIsSlow: boolean;
  profiles: string[];
  /** What is not started, though the files say so. */
  without: LeftOut;
  timeout: number;
  report: Reporter;
  signal: AbortSignal;
  /** Asks a person; without one it is what `--yes` says. */
  agree(question: string): Promise<boolean>;
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
  const { report, open, signal } = options;
  const rendered = await writeGenerated(open, options.home, { report, signal });
  const { written, removed } = rendered;
  if (written.length) report.event({ type: 'note', text: `rendered: ${written.join(', ')}` });
  if (removed.length) report.event({ type: 'note', text: `removed: ${removed.join(', ')}` });
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
    const done = await bringUp(recorded, written.length + removed.length > 0, root);
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
  const without = options.without.services;
  const clock = new Clock();
  const engine = await options.engine(options.signal);
  clock.lap('engine');
  const stack: Stack = { engine, project: options.open.project, profiles, without, signal: options.signal };
  const docker = await connect(engine, options.signal);
  const { project } = options.open;
  await assertOwnData(docker, project);
  await tellOfMove(docker, project, report);
  const { wanted, isThere } = await look(stack, options.open, options.without);
  checkProfiles(project, wanted.profiles, profiles);
  if (!isRendered && isThere) {
    clock.lap('check');
    return summary(options.open, wanted, clock, false);
  }

  return inTurn(project.folder, report, options.signal, async (waited) => {
    const open = waited ? openProject(project.folder, options.home) : options.open;
    if (!waited) return start({ ...options, open }, engine, wanted, root, clock);
    // minutes may have gone by, and who was first may have done all there was to do
    clock.lap('waited');
    await writeGenerated(open, options.home, { report, signal: options.signal });
    const now = await look({ ...stack, project: open.project }, open, options.without);
    if (now.isThere) return summary(open, now.wanted, clock, false);
    return start({ ...options, open }, engine, now.wanted, root, clock);
  });
}

/** Everything but the look whether there is anything to do. */
async function start(
  options: UpOptions,
  engine: Engine,
  wanted: Wanted,
  root: RootFileSystem | undefined,
  clock: Clock,
): Promise<UpReport> {
  const { report, profiles, signal } = options;
  const without = options.without.services;
  const docker = await connect(engine, signal);
  const { project } = options.open;
  const containers = await listContainers(docker, stackName(project), wanted);
  const inputs = imageInputs(options.open, options.without.components);
  const versions = dataVersions(options.open.blueprint, planImages(inputs));
  await checkDataVersions(docker, project, versions, containers, options.agree);
  makeFactsFolder(project.folder);
  await preflight(
    { engine, project, profiles, without, signal },
    docker,
    options.open.blueprint,
    wanted,
    report,
  );
  clock.lap('preflight');
  const images = await ensureImages(inputs, {
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
  const writer = { report, signal };
  const isRecorded = await recordImages(options.open, engine, images, writer);
  const isNamed = await ensureProjectId(docker, options.open, writer);
  const open = isRecorded || isNamed ? openProject(options.open.project.folder, options.home) : options.open;
  await claimVolumes(docker, open);
  const stack: Stack = { engine, project: open.project, profiles, without, signal };
  await writeStackFacts(open, wanted, docker, without);
  // before who needs it is started; what does not run yet takes its files when it starts
  await applyFiles(open, stack, (service) =>
    containers.some((one) => one.service === service && isSettled(one)),
  );
  const times = await boot({
    stack,
    docker,
    blueprint: open.blueprint,
    wanted,
    report,
    timeout: options.timeout,
    signal,
  });
  clock.add('services', times.services);
  clock.add('probes', times.probes);
  await recordDataVersions(docker, open.project, versions);
  return summary(open, wanted, clock, true);
}

/** While an engine is being installed, the base image can already be made. */
function earlyRoot({ open, report, signal, engineIsSlow }: UpOptions): RootFileSystem | undefined {
  if (!engineIsSlow || open.project.manifest.images === 'registry' || process.getuid?.() !== 0)
    return undefined;
  const root = new RootFileSystem(open.catalog.baseFolder(), report, signal);
  root.start().catch(() => {});
  return root;
}

function summary(open: OpenProject, wanted: Wanted, clock: Clock, changed: boolean): UpReport {
  const { project, blueprint } = open;
  const reach = reachOf(open, wanted);
  const lookup = lookupOf(blueprint, project.env);
  const { login } = blueprint;
  return {
    stack: stackName(project),
    folder: project.folder,
    changed,
    links: linksOf(blueprint, lookup, {
      runs: (service) => !wanted.idle.has(service),
      follow: (address) => reach.to(address),
    }),
    login: login && { username: lookup(login.username) ?? '', passwordVariable: login.password },
    seconds: clock.laps,
  };
}

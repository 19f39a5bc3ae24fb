import { lookupOf } from '../../catalog/lookup.js';
import { connect, type EngineApi } from '../../engine/api.js';
import { stackName } from '../../engine/compose.js';
import { findEngine } from '../../engine/discover.js';
import { unlessRefused } from '../../engine/failure.js';
import { interpolate } from '../../project/interpolate.js';
import { isMap } from '../../render/merge.js';
import { ownerOf } from '../identity.js';
import type { OpenProject } from '../open.js';
import { listContainers, PATCHES_LABEL, type StackContainer } from './containers.js';
import { foldedModel } from './model.js';
import { foldedWanted } from './wanted.js';

/** One of the patches that `launcher:` in gather.yaml adds to Airflow. */
export interface Patch {
  name: string;
  inForce: boolean;
  /** Why it is not, with the package and its version; empty when it is. */
  reason: string;
  /** In what Airflow is another one with it. */
  differs: string;
  /** Measured, alone. */
  saves: string;
}

/** How Airflow's services are started, and what of Airflow is changed. */
export interface LauncherReport {
  /** As in gather.yaml. */
  name: string;
  /** What is changed whatever the launcher, as `differs` of the components names it. */
  always: string[];
  /** None with the plain one; absent where nothing can tell yet: Airflow's image is not built. */
  patches?: Patch[];
}

/** An entry of the file that the image writes at its build, and a service at its start. */
interface Entry {
  name: string;
  /** Only at the start of one: which. */
  service?: string;
  in_force: boolean;
  reason: string;
  differs: string;
  saves: string;
}

/** What the containers say of their own start, else what the image says of its build. Asks nobody where the launcher is plain. */
export async function launcherOf(
  open: OpenProject,
  docker: EngineApi | undefined,
  containers: StackContainer[],
): Promise<LauncherReport> {
  const name = open.project.manifest.launcher;
  const differs = open.blueprint.components.flatMap((component) => component.differs);
  const always = differs.filter(({ patched }) => patched).map(({ setting }) => setting);
  if (name === 'plain') return { name, always, patches: [] };
  const told = docker ? await entriesOf(open, docker, containers) : [];
  return told.length ? { name, always, patches: patchesIn(told) } : { name, always };
}

/** The same, for who has asked no engine yet. One that does not answer tells nothing. */
export async function launcherHere(open: OpenProject, signal: AbortSignal): Promise<LauncherReport> {
  const { project } = open;
  if (project.manifest.launcher === 'plain') return launcherOf(open, undefined, []);
  const { engine } = await findEngine(signal).catch((error: unknown) => {
    if (signal.aborted) throw error;
    return { engine: undefined };
  });
  if (!engine) return launcherOf(open, undefined, []);
  const docker = await connect(engine, signal);
  const isOwn = (await ownerOf(docker, project)).kind !== 'other';
  const containers = isOwn ? await listContainers(docker, stackName(project), foldedWanted(open)) : [];
  return launcherOf(open, docker, containers);
}

async function entriesOf(
  open: OpenProject,
  docker: EngineApi,
  containers: StackContainer[],
): Promise<Entry[]> {
  const texts = await Promise.all(
    containers.map(({ id, patches }) => patches && unlessRefused(docker.readFile(id, patches))),
  );
  const found = texts.flatMap((text) => entriesIn(text || undefined));
  if (found.length) return found;
  const image = imageOf(open);
  return image ? entriesIn(await unlessRefused(docker.readImageFile(image.name, image.file))) : [];
}

/** The image of Airflow's command line, as `.env` has it, and the file in it. */
function imageOf({ blueprint, project }: OpenProject): { name: string; file: string } | undefined {
  const service = foldedModel(blueprint).services[blueprint.provides.cli ?? ''];
  const file = isMap(service?.labels) ? service.labels[PATCHES_LABEL] : undefined;
  const name = interpolate(service?.image ?? '', lookupOf(blueprint, project.env));
  return file && name ? { name, file: String(file) } : undefined;
}

/** A service may be about to write it, and an image may be anybody's. */
function entriesIn(text: Buffer | undefined): Entry[] {
  try {
    const entries: unknown = JSON.parse(text?.toString('utf8') ?? '[]');
    return Array.isArray(entries) ? entries.filter((one) => typeof one?.name === 'string') : [];
  } catch {
    return [];
  }
}

/** What a service says counts before what the image does; one that is left out anywhere is left out. */
function patchesIn(entries: Entry[]): Patch[] {
  return [...new Set(entries.map(({ name }) => name))].map((name) => {
    const all = entries.filter((one) => one.name === name);
    const started = all.filter(({ service }) => service !== undefined);
    const told = started.length ? started : all;
    const {
      in_force: inForce,
      reason,
      differs,
      saves,
    } = told.find((one) => !one.in_force) ?? (told[0] as Entry);
    return { name, inForce, reason, differs, saves };
  });
}

import { connect } from '../engine/api.js';
import type { Engine } from '../engine/engine.js';
import { unlessRefused } from '../engine/failure.js';
import { OWN_PREFIX } from '../images/build-plan.js';
import { candidates } from '../images/choose.js';
import { ensureImages, type Images } from '../images/ensure.js';
import { planDockerfiles } from '../images/from-dockerfile.js';
import { planImages, rootTag } from '../images/plan.js';
import { Shelf } from '../images/present.js';
import type { Reporter } from '../output/events.js';
import { imageInputs, type OpenProject } from './open.js';
import { recordImages } from './record-images.js';

/** One image of a stack: the variable that names it, the name that counts, and whether the engine has it. */
export interface ImageRow {
  variable: string;
  image: string;
  present: boolean;
}

export async function listImages(
  open: OpenProject,
  engine: Engine,
  signal: AbortSignal,
): Promise<ImageRow[]> {
  const shelf = await Shelf.of(engine, signal);
  const inputs = imageInputs(open);
  const current = (variable: string) => open.project.env.get(variable);
  const row = (variable: string, image: string) => ({ variable, image, present: shelf.has(image) });
  return [
    ...planImages(inputs)
      .filter(({ isInner }) => !isInner)
      .map((plan) => {
        const { variable } = plan.spec;
        const choice = { manifest: inputs.manifest, current };
        return row(variable, current(variable) ?? candidates(plan, choice)[0] ?? plan.name);
      }),
    ...planDockerfiles(inputs).map(({ spec, on }) =>
      row(
        spec.variable,
        current(spec.variable) ?? on?.(current(spec.from) ?? '').tag ?? current(spec.from) ?? '',
      ),
    ),
  ];
}

/** Pulls or builds what is missing, and writes the names into `.env`. */
export async function buildImages(
  open: OpenProject,
  engine: Engine,
  report: Reporter,
  signal: AbortSignal,
): Promise<Images> {
  const current = (name: string) => open.project.env.get(name);
  const images = await ensureImages(imageInputs(open), { engine, report, signal, current });
  await recordImages(open, engine, images, { report, signal });
  return images;
}

/** Deletes images that gather built, unless a container or this project uses them. Returns their names. */
export async function pruneImages(open: OpenProject, engine: Engine, signal: AbortSignal): Promise<string[]> {
  const docker = await connect(engine, signal);
  const containers = await docker.listContainers({ all: true });
  const inputs = imageInputs(open);
  const choice = { manifest: inputs.manifest, current: (name: string) => open.project.env.get(name) };
  const used = new Set([
    ...containers.map((one) => one.Image),
    ...open.blueprint.dockerfiles.map((one) => open.project.env.get(one.variable) ?? ''),
    rootTag(open.catalog),
    ...planImages(inputs).flatMap((plan) => [
      choice.current(plan.spec.variable) ?? '',
      ...candidates(plan, choice),
    ]),
  ]);
  const own = (await docker.listImages())
    .flatMap((image) => image.RepoTags ?? [])
    .filter((name) => name.startsWith(OWN_PREFIX));
  const removed: string[] = [];
  for (const name of own.filter((one) => !used.has(one))) {
    // refused: another image stands on it, say
    const gone = await unlessRefused(docker.removeImage(name).then(() => true));
    if (gone) removed.push(name);
  }
  return removed;
}

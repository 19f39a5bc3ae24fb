import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Blueprint } from '../catalog/blueprint.js';
import type { Catalog } from '../catalog/catalog.js';
import { fillIn } from '../catalog/facts.js';
import type { ImageSpec } from '../catalog/schema.js';
import { orFileFailed } from '../project/files.js';
import type { Lookup } from '../project/interpolate.js';
import type { Manifest } from '../project/manifest.js';
import { type Build, imageName, isNamedIn, OWN_PREFIX, tagDigest } from './build-plan.js';
import { factOf } from './facts.js';
import { bytesDigest, folderEntries } from './folder.js';

/** How one image of the stack can be had. */
export interface ImagePlan {
  spec: ImageSpec;
  /** Its name as people and Dockerfiles know it. */
  name: string;
  /** The public name, with the mirror's prefix where one is set, in the order to try; empty when nobody publishes it. */
  pulls: string[];
  /** Of what is in it: the build argument VERSION or *_VERSION, its own or of what it stands on; for the tag. */
  version: string;
  /** The image of the stack that it stands on. */
  on?: ImagePlan;
  /** Its build, on a name of that image; none for an image that only a registry has. */
  build?: (on?: string) => Build;
  /** True when only other images stand on it, and no service uses it. */
  isInner: boolean;
}

/** What the images of a stack depend on. */
export interface ImageInputs {
  catalog: Catalog;
  blueprint: Blueprint;
  manifest: Manifest;
  /** The project's. */
  folder: string;
  /** What templates may name. */
  lookup: Lookup;
}

/** The tag of the root file system that images from packages stand on. */
export function rootTag(catalog: Catalog): string {
  return `${OWN_PREFIX}base:bookworm-${tagDigest(folderEntries(catalog.baseFolder()))}`;
}

/** Plans every image of a stack. Reads their folders, asks no engine. */
export function planImages(inputs: ImageInputs): ImagePlan[] {
  const { images } = inputs.blueprint;
  const root = rootTag(inputs.catalog);
  const plans = new Map<string, ImagePlan>();
  const planOf = (spec: ImageSpec): ImagePlan => {
    const known = plans.get(spec.variable);
    if (known) return known;
    const below = images.find(({ variable }) => variable === spec.on);
    const plan = planImage(spec, below && planOf(below), root, inputs);
    plans.set(spec.variable, plan);
    return plan;
  };
  return images.map(planOf);
}

function planImage(spec: ImageSpec, on: ImagePlan | undefined, root: string, inputs: ImageInputs): ImagePlan {
  const { blueprint, manifest } = inputs;
  const fill = (template: string) => fillIn(template, factOf(inputs), inputs.lookup);
  const args = mapValues(spec.args, fill);
  const [, version = on?.version ?? ''] =
    Object.entries(args).find(([name, value]) => /(^|_)VERSION$/.test(name) && /^[\w.]{1,40}$/.test(value)) ??
    [];
  const plan: ImagePlan = {
    spec,
    name: imageName(spec.variable),
    pulls: pullNames(spec, manifest.registry),
    version,
    ...(on ? { on } : {}),
    isInner:
      blueprint.images.some((other) => other.on === spec.variable) && !isUsed(spec.variable, blueprint),
  };
  if (spec.build === undefined) return plan;
  const component = inputs.catalog.component(spec.component);
  const where = () => component.at(['x-gather', 'images', spec.variable, 'build']);
  const folder = inputs.catalog.imageFolder(component, spec.build, where);
  const files = mapValues(spec.files, (value) =>
    value.startsWith('./') ? projectFile(join(inputs.folder, value)) : fill(value),
  );
  return { ...plan, build: builderOf(plan, { folder, files, args }, root) };
}

function isUsed(variable: string, { components, dockerfiles }: Blueprint): boolean {
  const named = new RegExp(`\\$\\{?${variable}\\b`);
  return (
    dockerfiles.some(({ from }) => from === variable) ||
    components.some(({ services, changes }) => named.test(JSON.stringify([services, changes])))
  );
}

/** A mirror may keep Docker Hub's official images under `library/` or without it. */
function pullNames({ registry, mirrored }: ImageSpec, prefix: string | undefined): string[] {
  if (mirrored && prefix) return [`${prefix}/${mirrored}`];
  if (!registry) return [];
  if (prefix === undefined) return [registry];
  return registry.includes('/')
    ? [`${prefix}/${registry}`]
    : [`${prefix}/${registry}`, `${prefix}/library/${registry}`];
}

function builderOf(
  { name, version, on }: ImagePlan,
  parts: Pick<Build, 'folder' | 'files' | 'args'>,
  root: string,
): (below?: string) => Build {
  const { folder, files, args } = parts;
  const folderDigest = tagDigest(folderEntries(folder));
  const own = isNamedIn(readFileSync(join(folder, 'Dockerfile'), 'utf8'), 'base') ? { base: root } : {};
  return (below) => {
    const bases = { ...own, ...(on && below ? { [on.name]: below } : {}) };
    const digest = tagDigest([
      ['folder', folderDigest],
      ...Object.entries(files).map(([path, content]) => ['file', path, bytesDigest(content)]),
      ...Object.entries(bases).map((base) => ['base', ...base]),
      ...Object.entries(args).map((arg) => ['arg', ...arg]),
    ]);
    return {
      ...parts,
      tag: `${OWN_PREFIX}${name}:${version ? `${version}-` : ''}${digest}`,
      folderDigest,
      bases,
    };
  };
}

/** What a project does not have is empty. */
function projectFile(path: string): Buffer {
  return existsSync(path) ? orFileFailed('read', path, () => readFileSync(path)) : Buffer.alloc(0);
}

function mapValues<T>(texts: Record<string, string>, change: (text: string) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, change(text)]));
}

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packagesDay } from '../airflow/settings/releases.js';
import type { Blueprint } from '../catalog/blueprint.js';
import type { Catalog } from '../catalog/catalog.js';
import type { ImageSpec } from '../catalog/schema.js';
import { interpolate } from '../project/interpolate.js';
import type { Manifest } from '../project/manifest.js';

/** Everything gather builds is named like this: `localhost/` is nobody's registry, so none is ever asked for it. */
export const OWN_PREFIX = 'localhost/gather/';

/** The variable of `.env` in which gather keeps the prefix of the mirror that it has pulled from. */
export const MIRROR_VARIABLE = 'GATHER_REGISTRY';

/** One `docker build`: the same inputs give the same tag. */
export interface Build {
  tag: string;
  /** Folder with the Dockerfile. */
  folder: string;
  /** Further files of the context: name → text. */
  files: Record<string, string>;
  args: Record<string, string>;
  /** The `FROM` names in the Dockerfile and the image that they stand for. */
  base: { names: string[]; image: string };
  /** What the image is to say of its own making. */
  labels?: Record<string, string>;
  /** Of what is in the folder, when that is gather's own. */
  folderDigest?: string;
  /** For a folder that is a person's, which is read where it is: the Dockerfile among `files`. */
  dockerfile?: string;
}

/** How one image of the stack can be had. */
export interface ImagePlan {
  spec: ImageSpec;
  /** The public name, with the mirror's prefix where one is set, in the order to try; empty when nobody publishes it. */
  pulls: string[];
  /** The root file system, then what is built on it, when nothing can be pulled. */
  fromPackages: Build;
  /** What is built on either of the two, when the image takes the project's own packages. */
  onTop?: (base: string) => Build;
}

/** What the images of a stack depend on. */
export interface ImageInputs {
  catalog: Catalog;
  blueprint: Blueprint;
  manifest: Manifest;
  /** The text of the project's requirements.txt. */
  requirements: string;
  /** The project's. */
  folder: string;
}

/** The tag of the root file system that every image from packages stands on. */
export function rootTag(catalog: Catalog): string {
  return `${OWN_PREFIX}base:bookworm-${digest(folderFiles(catalog.imageFolder('base')))}`;
}

/** Plans every image of a stack. Reads the Dockerfiles, asks no engine. */
export function planImages(inputs: ImageInputs): ImagePlan[] {
  const root = rootTag(inputs.catalog);
  return inputs.blueprint.images.map((spec) => planImage(spec, root, inputs));
}

function planImage(
  spec: ImageSpec,
  root: string,
  { catalog, blueprint, manifest, requirements }: ImageInputs,
): ImagePlan {
  const name =
    spec.registry &&
    interpolate(spec.registry, (variable) =>
      variable === 'AIRFLOW_VERSION' ? blueprint.airflow : undefined,
    );
  const airflow: Record<string, string> = spec.build
    ? {
        AIRFLOW_VERSION: blueprint.airflow,
        RELEASE_DATE: packagesDay(blueprint.airflow, manifest.packagesUntil),
      }
    : {};
  const label = spec.build ? `${blueprint.airflow}-` : '';
  const fromPackages = build(
    catalog.imageFolder(spec.packages),
    spec.packages,
    label,
    { names: ['base'], image: root },
    airflow,
    {},
  );
  const plan: ImagePlan = { spec, pulls: pullNames(name, spec.mirrored, manifest.registry), fromPackages };
  const top = spec.build;
  if (top === undefined) return plan;
  const { RELEASE_DATE = '' } = airflow;
  const files = {
    'components.txt': `${blueprint.requirements.join('\n')}\n`,
    'requirements.txt': requirements,
  };
  return {
    ...plan,
    onTop: (image) =>
      build(catalog.imageFolder(top), top, label, { names: [spec.packages], image }, { RELEASE_DATE }, files),
  };
}

/** A mirror may keep Docker Hub's official images under `library/` or without it. */
function pullNames(
  name: string | undefined,
  mirrored: string | undefined,
  prefix: string | undefined,
): string[] {
  if (mirrored && prefix) return [`${prefix}/${mirrored}`];
  if (!name) return [];
  if (prefix === undefined) return [name];
  return name.includes('/') ? [`${prefix}/${name}`] : [`${prefix}/${name}`, `${prefix}/library/${name}`];
}

function build(
  folder: string,
  name: string,
  label: string,
  base: Build['base'],
  args: Build['args'],
  files: Build['files'],
): Build {
  const inputs = [
    ...folderFiles(folder),
    ...Object.entries(files),
    ['base', base.image],
    ...Object.entries(args),
  ];
  const folderDigest = digest(folderFiles(folder));
  return { tag: `${OWN_PREFIX}${name}:${label}${digest(inputs)}`, folder, folderDigest, files, args, base };
}

function folderFiles(folder: string, under = ''): string[][] {
  return readdirSync(join(folder, under), { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const name = under + entry.name;
      if (entry.isDirectory()) return entry.name === '__pycache__' ? [] : folderFiles(folder, `${name}/`);
      return entry.isFile() && name !== 'README.md' ? [[name, readFileSync(join(folder, name), 'utf8')]] : [];
    });
}

export function digest(inputs: string[][]): string {
  return createHash('sha256').update(JSON.stringify(inputs)).digest('hex').slice(0, 12);
}

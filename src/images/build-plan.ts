import { createHash } from 'node:crypto';
import { instructionsOf } from './dockerfile.js';

/** Everything gather builds is named like this: `localhost/` is nobody's registry, so none is ever asked for it. */
export const OWN_PREFIX = 'localhost/gather/';

/** The variable of `.env` in which gather keeps the prefix of the mirror that it has pulled from. */
export const MIRROR_VARIABLE = 'GATHER_REGISTRY';

/** One `docker build`: the same inputs give the same tag. */
export interface Build {
  tag: string;
  /** Folder with the Dockerfile. */
  folder: string;
  /** Further files of the context: path in it → content. */
  files: Record<string, string | Buffer>;
  args: Record<string, string>;
  /** Names after `FROM` in the Dockerfile → the images that they stand for. */
  bases: Record<string, string>;
  /** What the image is to say of its own making. */
  labels?: Record<string, string>;
  /** Of what is in the folder, when that is an image's own. */
  folderDigest?: string;
  /** For a folder that is a person's, which is read where it is: the Dockerfile among `files`. */
  dockerfile?: string;
}

/** What an image is called after `FROM`, in its tag and for people: `socket-proxy` is SOCKET_PROXY_IMAGE. */
export function imageName(variable: string): string {
  return variable
    .replace(/_IMAGE$/, '')
    .toLowerCase()
    .replace(/_+/g, '-');
}

/** True when a Dockerfile stands on an image, or takes files from it. */
export function isNamedIn(dockerfile: string, name: string): boolean {
  const taken = new RegExp(`\\bfrom=${name}\\b`);
  return instructionsOf(dockerfile).some((one) =>
    one.name === 'FROM'
      ? one.rest.split(/\s+/).find((word) => !word.startsWith('--')) === name
      : taken.test(one.rest),
  );
}

export function tagDigest(inputs: string[][]): string {
  return createHash('sha256').update(JSON.stringify(inputs)).digest('hex').slice(0, 12);
}

import { basename, join } from 'node:path';
import type { DockerfileSpec } from '../catalog/schema.js';
import { readIfThere } from '../project/files.js';
import { type Build, OWN_PREFIX, tagDigest } from './build-plan.js';
import { contextFiles, ignoreTextOf } from './context.js';
import { readDockerfile } from './dockerfile.js';
import type { ImageInputs } from './plan.js';

/** An image that the project may build itself. */
export interface DockerfilePlan {
  spec: DockerfileSpec;
  /** Its build on the stack's own image; absent while the project has no such Dockerfile. */
  on?: (base: string) => Build;
}

/**
 * Plans the images that the project's own Dockerfiles make. Reads them and what they copy, asks no engine. Throws
 * IMAGE_FAILED with file and line for a Dockerfile of another version of Airflow.
 */
export function planDockerfiles({ blueprint, folder }: ImageInputs): DockerfilePlan[] {
  return blueprint.dockerfiles.map((spec) => {
    const path = join(folder, spec.file);
    const source = readIfThere(path);
    if (source === undefined) return { spec };
    const { text, airflowNames, sources } = readDockerfile(source, path, blueprint.airflow);
    const ignoreText = ignoreTextOf(folder, spec.file);
    const copied = contextFiles(folder, sources, ignoreText);
    const dockerfile = basename(spec.file);
    const name = dockerfile.replace(/\.?Dockerfile\.?/i, '').toLowerCase() || 'own';
    return {
      spec,
      on: (image) => ({
        tag: `${OWN_PREFIX}${name}:${blueprint.airflow}-${tagDigest([[text], [image], ...copied])}`,
        folder,
        files: { [dockerfile]: text, [`${dockerfile}.dockerignore`]: ignoreText },
        args: {},
        bases: Object.fromEntries(airflowNames.map((known) => [known, image])),
        dockerfile,
      }),
    };
  });
}

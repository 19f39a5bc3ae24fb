import { EnvFile } from '../../src/project/dotenv.js';
import { parseManifest } from '../../src/project/manifest.js';
import type { Project } from '../../src/project/project.js';

/** A project in memory, with this `.env`. */
export function playProject(env = '', folder = '/p'): Project {
  return {
    folder,
    manifest: parseManifest('', 'gather.yaml'),
    env: EnvFile.parse(env, '.env'),
    hasEnv: true,
  };
}

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { GatherError } from '../output/errors.js';
import { EnvFile } from './dotenv.js';
import { readIfThere } from './files.js';
import { type Manifest, parseManifest } from './manifest.js';

/** The user's folder, as read from disk. */
export interface Project {
  /** Absolute path. */
  folder: string;
  manifest: Manifest;
  env: EnvFile;
  /** False while `.env` has not been written yet. */
  hasEnv: boolean;
}

/** The files of a project that gather reads or writes, relative to its folder. */
export const FILES = {
  manifest: 'gather.yaml',
  env: '.env',
  envTemplate: '.env.template',
  compose: 'compose.yaml',
  override: 'compose.override.yaml',
  requirements: 'requirements.txt',
  gitignore: '.gitignore',
  /** What gather keeps for itself: ignored by git, and not missed when it is gone. */
  state: '.gather',
} as const;

/** The variable of `.env` that tells one project from another: what gather makes on an engine is marked with it. */
export const PROJECT_ID = 'GATHER_PROJECT_ID';

/** Folders that every project may have; those that its services are given files from come on top. */
const COMMON_FOLDERS = ['dags', 'logs', 'config', 'plugins', 'compose'];

/** The folders in a project's folder that belong to it: the common ones, and what compose.yaml mounts. */
export function foldersOf(folder: string): string[] {
  const compose = readIfThere(join(folder, FILES.compose)) ?? '';
  const mounted = [...compose.matchAll(/(?:\.|\})\/([A-Za-z0-9_][A-Za-z0-9_.-]*)[/:]/g)].map(
    ([, name = '']) => name,
  );
  return [...new Set([...COMMON_FOLDERS, ...mounted])];
}

/** The folder with a gather.yaml, from `start` upwards; undefined if there is none. */
export function findProject(start: string): string | undefined {
  for (let folder = resolve(start); ; folder = dirname(folder)) {
    if (existsSync(join(folder, FILES.manifest))) return folder;
    if (folder === dirname(folder)) return undefined;
  }
}

/** The same; throws PROJECT_NOT_FOUND if there is none. */
export function requireProject(start: string): string {
  const folder = findProject(start);
  if (folder) return folder;
  throw new GatherError(
    'PROJECT_NOT_FOUND',
    `there is no gather.yaml in ${resolve(start)} or a folder above it`,
    {
      hints: ['gather init'],
    },
  );
}

/** Reads a project. Throws PROJECT_NOT_FOUND, PROJECT_INVALID or ENV_INVALID. */
export function loadProject(start: string): Project {
  const folder = requireProject(start);
  const file = join(folder, FILES.manifest);
  return {
    folder,
    manifest: parseManifest(readFileSync(file, 'utf8'), file),
    ...readEnv(folder),
  };
}

/**
 * Reads `.env` as Compose will: a `$NAME` in a value is taken from the file, else from the shell. Throws ENV_INVALID.
 */
export function readEnv(folder: string): Pick<Project, 'env' | 'hasEnv'> {
  const file = join(folder, FILES.env);
  const text = readIfThere(file);
  const own = new Set(EnvFile.parse(text ?? '', file).names());
  const shell = (name: string) => (own.has(name) ? undefined : process.env[name]);
  return { env: EnvFile.parse(text ?? '', file, shell), hasEnv: text !== undefined };
}

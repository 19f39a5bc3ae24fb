import { createHash } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { type TempFolder, tempFolder } from '../machine/temp-folder.js';
import { dockerConfigDir } from './candidates.js';
import { cacheDir } from './tool-versions.js';

/** The folders of this process, where none of the user's can be written. */
const ofThisProcess = new Map<string, TempFolder>();

/**
 * A folder for DOCKER_CONFIG in which docker finds these plugins. The docker CLI has no variable for plugin folders
 * (docker/cli#5993), so we give it a configuration folder of links: our plugins, the user's other plugins, and the user's
 * config.json, through which `docker login` reads and writes as ever. Nothing of it is copied.
 * @returns the folder's path; the same for the same plugins and user. Where HOME cannot be written it is gone with this process.
 */
export function pluginConfig(plugins: { path: string }[], env: NodeJS.ProcessEnv = process.env): string {
  const user = resolve(dockerConfigDir(env));
  const parent = join(cacheDir(env), 'docker');
  // The folder may be the caller's DOCKER_CONFIG already, from `gather engine env`.
  if (dirname(user) === parent && hasAll(user, plugins)) return user;
  const id = createHash('sha256').update(JSON.stringify([user, plugins.map((one) => one.path)]));
  const name = id.digest('hex').slice(0, 12);
  const folder = join(parent, name);
  if (hasAll(folder, plugins)) {
    linkConfig(folder, user);
    return folder;
  }
  // Another gather may be quicker, or HOME cannot be written.
  if (make(folder, user, plugins) || hasAll(folder, plugins)) return folder;
  return temporary(name, user, plugins);
}

/** Folders that are gone with this process stay all the same: for a shell that is told of them by `gather engine env`. */
export function keepPluginConfig(): void {
  for (const folder of ofThisProcess.values()) folder.keep();
}

/** Makes the folder as a whole or not at all; false when it could not. */
function make(folder: string, user: string, plugins: { path: string }[]): boolean {
  let partial: string | undefined;
  try {
    mkdirSync(dirname(folder), { recursive: true, mode: 0o700 });
    partial = mkdtempSync(join(dirname(folder), '.new-'));
    fill(partial, user, plugins);
    rmSync(folder, { recursive: true, force: true });
    renameSync(partial, folder);
    return true;
  } catch {
    if (partial !== undefined) rmSync(partial, { recursive: true, force: true });
    return false;
  }
}

function temporary(name: string, user: string, plugins: { path: string }[]): string {
  const known = ofThisProcess.get(name);
  if (known !== undefined && hasAll(known.path, plugins)) return known.path;
  const made = tempFolder('gather-docker-');
  try {
    fill(made.path, user, plugins);
  } catch (error) {
    made.dispose();
    throw error;
  }
  ofThisProcess.set(name, made);
  return made.path;
}

function hasAll(folder: string, plugins: { path: string }[]): boolean {
  return plugins.every((one) => existsSync(join(folder, 'cli-plugins', basename(one.path))));
}

function fill(folder: string, user: string, plugins: { path: string }[]): void {
  const links = join(folder, 'cli-plugins');
  mkdirSync(links);
  for (const { path } of plugins) symlinkSync(path, join(links, basename(path)));
  const others = existsSync(join(user, 'cli-plugins')) ? readdirSync(join(user, 'cli-plugins')) : [];
  for (const name of others) {
    if (!existsSync(join(links, name))) symlinkSync(join(user, 'cli-plugins', name), join(links, name));
  }
  linkConfig(folder, user);
  if (existsSync(join(user, 'contexts'))) symlinkSync(join(user, 'contexts'), join(folder, 'contexts'));
}

/** Without a folder of the user's there is nothing to link to: `docker login` then writes into ours. */
function linkConfig(folder: string, user: string): void {
  const link = join(folder, 'config.json');
  if (lstatSync(link, { throwIfNoEntry: false }) === undefined && existsSync(user)) {
    symlinkSync(join(user, 'config.json'), link);
  }
}

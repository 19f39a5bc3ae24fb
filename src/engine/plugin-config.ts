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
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { dockerConfigDir } from './candidates.js';
import { cacheDir } from './versions.js';

/**
 * A folder for DOCKER_CONFIG in which docker finds these plugins. The docker CLI has no variable for plugin folders
 * (docker/cli#5993), so we give it a configuration folder of links: our plugins, the user's other plugins, and the user's
 * config.json, through which `docker login` reads and writes as ever. Nothing of it is copied.
 * @returns the folder's path; the same for the same plugins and user
 */
export function pluginConfig(plugins: { path: string }[], env: NodeJS.ProcessEnv = process.env): string {
  const user = resolve(dockerConfigDir(env));
  const parent = join(cacheDir(env), 'docker');
  // The folder may be the caller's DOCKER_CONFIG already, from `gather engine env`.
  if (dirname(user) === parent && hasAll(user, plugins)) return user;
  const id = createHash('sha256').update(JSON.stringify([user, plugins.map((one) => one.path)]));
  const folder = join(parent, id.digest('hex').slice(0, 12));
  if (hasAll(folder, plugins)) {
    linkConfig(folder, user);
    return folder;
  }
  try {
    mkdirSync(parent, { recursive: true, mode: 0o700 });
    const partial = mkdtempSync(join(parent, '.new-'));
    fill(partial, user, plugins);
    rmSync(folder, { recursive: true, force: true });
    renameSync(partial, folder);
    return folder;
  } catch {
    // Another gather was quicker, or HOME cannot be written.
    if (hasAll(folder, plugins)) return folder;
    const elsewhere = mkdtempSync(join(tmpdir(), 'gather-docker-'));
    fill(elsewhere, user, plugins);
    return elsewhere;
  }
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

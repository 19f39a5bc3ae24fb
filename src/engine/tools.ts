import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { installHints } from '../machine/os.js';
import { GatherError } from '../output/errors.js';
import { dockerConfigDir, readDockerConfig } from './candidates.js';
import { isOlder, OLDEST_COMPOSE } from './engine.js';
import { managedPaths } from './managed/paths.js';
import { pluginConfig } from './plugin-config.js';
import { printedVersion, versionOf } from './tool-versions.js';

/** The programs that drive an engine. */
export interface Tools {
  docker: string;
  /** Compose's program by itself where it is known: through docker it takes 50 ms more, as docker first asks each plugin what it is. */
  compose: string[];
  composeVersion: string;
  buildx?: string;
  /** What makes docker find its plugins, when it would not by itself. */
  env: Record<string, string>;
}

interface Found {
  path: string;
  version: string;
  /** docker finds it by itself. */
  known: boolean;
}

/**
 * Finds docker, Compose and buildx: the user's own for the user's engine with the managed engine's where one is missing or too
 * old, and the managed engine's own for the managed engine.
 * @throws GatherError ENGINE_UNSUPPORTED when one is missing, ENGINE_TOO_OLD when Compose is older than 2.23.1
 */
export async function findTools(
  kind: 'own' | 'managed',
  env: NodeJS.ProcessEnv = process.env,
): Promise<Tools> {
  const managed = managedPaths(env);
  const ours = (name: string) => executable(join(managed.prefix, 'usr/bin', name));
  const docker = kind === 'managed' ? ours('docker') : (onPath('docker', env) ?? ours('docker'));
  if (docker === undefined) {
    throw new GatherError(
      'ENGINE_UNSUPPORTED',
      'An engine answers, but the docker command is not installed.',
      {
        hints: installHints(),
      },
    );
  }
  const folders = kind === 'managed' ? [] : pluginFolders(env);
  const compose = await findCompose(docker, folders, managed.plugins, env);
  const buildx = await findPlugin('docker-buildx', ['version'], folders, managed.plugins, env);
  const plugins = [compose, buildx].filter((one) => one !== undefined && !one.known && one.path !== '');
  const path = docker === ours('docker') ? { PATH: withFirst(managed.bin, env.PATH ?? '') } : {};
  const config = plugins.length > 0 ? { DOCKER_CONFIG: pluginConfig(plugins as Found[], env) } : {};
  return {
    docker,
    compose: compose.path ? [compose.path] : [docker, 'compose'],
    composeVersion: compose.version,
    ...(buildx && { buildx: buildx.version }),
    env: { ...path, ...config },
  };
}

function withFirst(folders: string[], path: string): string {
  return [...folders, ...path.split(delimiter).filter((one) => !folders.includes(one))].join(delimiter);
}

async function findCompose(
  docker: string,
  folders: string[],
  ours: string,
  env: NodeJS.ProcessEnv,
): Promise<Found> {
  const args = ['version', '--short'];
  const found: Found[] = [];
  const plugin = await findPlugin('docker-compose', args, folders, undefined, env);
  if (plugin) found.push(plugin);
  else if (folders.length > 0) {
    // A distribution may have compiled other folders into docker: docker itself knows.
    const version = await printedVersion(docker, ['compose', ...args]);
    if (version) found.push({ path: '', version, known: true });
  }
  const recent = () => found.find((one) => !isOlder(one.version, OLDEST_COMPOSE));
  if (!recent() && folders.length > 0) {
    const path = onPath('docker-compose', env);
    const version = path && (await versionOf(path, args, env));
    if (path && version) found.push({ path, version, known: false });
  }
  if (!recent()) {
    const managed = await findPlugin('docker-compose', args, [], ours, env);
    if (managed) found.push(managed);
  }
  const best = recent();
  if (best) return best;
  const old = found[0];
  if (old === undefined) {
    throw new GatherError('ENGINE_UNSUPPORTED', 'An engine answers, but Docker Compose is not installed.', {
      hints: installHints(),
    });
  }
  const message = `Docker Compose ${old.version} is too old: gather needs ${OLDEST_COMPOSE} or newer.`;
  throw new GatherError('ENGINE_TOO_OLD', message, { hints: installHints() });
}

async function findPlugin(
  name: string,
  args: string[],
  known: string[],
  ours: string | undefined,
  env: NodeJS.ProcessEnv,
): Promise<Found | undefined> {
  for (const folder of [...known, ...(ours ? [ours] : [])]) {
    const path = executable(join(folder, process.platform === 'win32' ? `${name}.exe` : name));
    const version = path && (await versionOf(path, args, env));
    if (path && version) return { path, version, known: known.includes(folder) };
  }
  return undefined;
}

/** Where the docker CLI looks for plugins, in its order (docker/cli, cli-plugins/manager). */
function pluginFolders(env: NodeJS.ProcessEnv): string[] {
  const config = dockerConfigDir(env);
  const system =
    process.platform === 'win32'
      ? [
          join(env.ProgramData ?? 'C:\\ProgramData', 'Docker\\cli-plugins'),
          'C:\\Program Files\\Docker\\cli-plugins',
        ]
      : ['/usr/local/lib', '/usr/local/libexec', '/usr/lib', '/usr/libexec'].map(
          (one) => `${one}/docker/cli-plugins`,
        );
  return [...(readDockerConfig(config).cliPluginsExtraDirs ?? []), join(config, 'cli-plugins'), ...system];
}

/** The program's full path, or nothing when PATH does not have it. */
export function onPath(name: string, env: NodeJS.ProcessEnv = process.env): string | undefined {
  const file = process.platform === 'win32' ? `${name}.exe` : name;
  for (const folder of (env.PATH ?? '').split(delimiter)) {
    const path = folder && executable(join(folder, file));
    if (path) return path;
  }
  return undefined;
}

function executable(path: string): string | undefined {
  if (!existsSync(path)) return undefined;
  try {
    accessSync(path, constants.X_OK);
    return path;
  } catch {
    return undefined;
  }
}

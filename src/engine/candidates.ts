import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { GatherError } from '../output/errors.js';
import { managedPaths } from './managed/paths.js';

/** A place where an engine may be. */
export interface Candidate {
  /** Where we know it from, for people: `DOCKER_HOST`, `the docker context "colima"`, `the default socket`. */
  source: string;
  host: string;
  certPath?: string | undefined;
  /** The user chose this one: when it does not answer, that is an error and no reason to look elsewhere. */
  chosen: boolean;
}

/** Folder of the docker CLI's settings: $DOCKER_CONFIG or ~/.docker. */
export function dockerConfigDir(env: NodeJS.ProcessEnv = process.env): string {
  return env.DOCKER_CONFIG || join(homeOf(env), '.docker');
}

/** The docker CLI's config.json, or nothing when it is missing or broken. */
export function readDockerConfig(folder: string): {
  currentContext?: string;
  cliPluginsExtraDirs?: string[];
} {
  try {
    return JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')) as object;
  } catch {
    return {};
  }
}

/** Every place to look for an engine, best first; a chosen one comes alone, as the docker CLI would have it. */
export function candidates(env: NodeJS.ProcessEnv = process.env): Candidate[] {
  const chosen = fromDockerHost(env) ?? fromContext(env);
  return chosen ? [chosen] : usualSockets(env);
}

function fromDockerHost(env: NodeJS.ProcessEnv): Candidate | undefined {
  if (!env.DOCKER_HOST) return undefined;
  const tls = Boolean(env.DOCKER_TLS_VERIFY) && env.DOCKER_HOST.startsWith('tcp:');
  const certPath = tls ? env.DOCKER_CERT_PATH || dockerConfigDir(env) : undefined;
  return { source: 'DOCKER_HOST', host: env.DOCKER_HOST, certPath, chosen: true };
}

/** The docker CLI keeps a context in contexts/meta/<sha256 of its name>/meta.json, its keys in contexts/tls. */
function fromContext(env: NodeJS.ProcessEnv): Candidate | undefined {
  const folder = dockerConfigDir(env);
  const name = env.DOCKER_CONTEXT || readDockerConfig(folder).currentContext;
  if (!name || name === 'default') return undefined;
  const source = `the docker context "${name}"`;
  const id = createHash('sha256').update(name).digest('hex');
  const file = join(folder, 'contexts', 'meta', id, 'meta.json');
  let host: string | undefined;
  try {
    const meta = JSON.parse(readFileSync(file, 'utf8')) as { Endpoints?: { docker?: { Host?: string } } };
    host = meta.Endpoints?.docker?.Host;
  } catch (error) {
    throw contextError(`${source} is chosen, but it cannot be read: ${file}`, error);
  }
  if (!host) throw contextError(`${source} is chosen, but names no engine: ${file}`);
  const keys = join(folder, 'contexts', 'tls', id, 'docker');
  return { source, host, certPath: existsSync(join(keys, 'ca.pem')) ? keys : undefined, chosen: true };
}

function contextError(message: string, cause?: unknown): GatherError {
  return new GatherError('ENGINE_NOT_FOUND', message, {
    hints: ['docker context ls', 'docker context use default'],
    cause,
  });
}

function usualSockets(env: NodeJS.ProcessEnv): Candidate[] {
  const home = homeOf(env);
  const at = (source: string, path: string): Candidate => ({ source, host: `unix://${path}`, chosen: false });
  if (process.platform === 'win32') {
    return ['docker_engine', 'dockerDesktopLinuxEngine'].map((pipe) => ({
      source: 'the default pipe',
      host: `npipe:////./pipe/${pipe}`,
      chosen: false,
    }));
  }
  const found = [at('the default socket', '/var/run/docker.sock')];
  if (env.XDG_RUNTIME_DIR) found.push(at('the rootless socket', join(env.XDG_RUNTIME_DIR, 'docker.sock')));
  found.push(
    at('the rootless socket', `/run/user/${process.getuid?.()}/docker.sock`),
    at("Docker Desktop's socket", join(home, '.docker/run/docker.sock')),
    at("Docker Desktop's socket", join(home, '.docker/desktop/docker.sock')),
    at("Colima's socket", join(home, '.colima/default/docker.sock')),
    at("Colima's socket", join(home, '.config/colima/default/docker.sock')),
    at("OrbStack's socket", join(home, '.orbstack/run/docker.sock')),
  );
  if (process.platform === 'linux') found.push(at('the managed engine', managedPaths(env).socket));
  return found.filter((one, index) => found.findIndex((other) => other.host === one.host) === index);
}

function homeOf(env: NodeJS.ProcessEnv): string {
  return env.HOME || homedir();
}

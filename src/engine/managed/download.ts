import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { debianMirror } from '../../machine/apt.js';
import { distribution } from '../../machine/os.js';
import { asRoot } from '../../machine/sudo.js';
import type { ManagedPaths } from './paths.js';
import type { Progress } from './progress.js';

/** tini is docker-init; its static build runs with any C library. */
const DEBIAN_PACKAGES = ['docker.io', 'containerd', 'docker-cli', 'docker-buildx', 'docker-compose', 'tini'];
/** Ubuntu's docker.io has the docker command in it. */
const UBUNTU_PACKAGES = ['docker.io', 'containerd', 'docker-buildx', 'docker-compose-v2', 'tini'];
/** Debian 12's docker.io is 20.10, too old for start_interval; Debian 13's runs on Debian 12 (it wants libc 2.34). */
const RELEASE = 'trixie';
const DEBIAN_MIRROR = 'http://deb.debian.org/debian';
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** Downloads the engine's packages unless they are there, and returns the names of the .deb files. */
export async function downloadPackages(
  paths: ManagedPaths,
  progress: Progress,
  signal?: AbortSignal,
): Promise<string[]> {
  const ubuntu = distribution()?.id === 'ubuntu';
  const names = ubuntu ? UBUNTU_PACKAGES : DEBIAN_PACKAGES;
  const present = debFiles(paths.packages, names);
  if (present.length === names.length) return present;
  if (ubuntu) await download(paths, names, [], progress, signal);
  else await fromDebian(paths, names, progress, signal);
  return debFiles(paths.packages, names);
}

/** The machine's own mirror first; one that has only the machine's own release cannot serve us, so then Debian's. */
async function fromDebian(
  paths: ManagedPaths,
  names: string[],
  progress: Progress,
  signal: AbortSignal | undefined,
): Promise<void> {
  const mirrors = [...new Set([(await debianMirror(asRoot)) ?? DEBIAN_MIRROR, DEBIAN_MIRROR])];
  for (const [index, mirror] of mirrors.entries()) {
    try {
      progress(`Reading the package lists of Debian 13`);
      const options = await ownLists(paths, mirror);
      await asRoot(['apt-get', '-q', ...options, 'update'], { signal });
      return await download(paths, names, options, progress, signal);
    } catch (error) {
      if (index === mirrors.length - 1 || signal?.aborted) throw error;
    }
  }
}

/** Options for an apt with its own source and lists; proxies, pins on https and all else stay the machine's. */
async function ownLists(paths: ManagedPaths, mirror: string): Promise<string[]> {
  const lists = join(paths.apt, 'lists');
  const cache = join(paths.apt, 'cache');
  const source = join(paths.apt, 'sources.list');
  await asRoot(['mkdir', '-p', join(lists, 'partial'), join(cache, 'archives/partial')]);
  await asRoot(['tee', source], { input: `deb [signed-by=${KEYRING}] ${mirror} ${RELEASE} main\n` });
  return [
    `Dir::Etc::sourcelist=${source}`,
    'Dir::Etc::sourceparts=/dev/null',
    'Dir::Etc::preferences=/dev/null',
    'Dir::Etc::preferencesparts=/dev/null',
    `Dir::State::lists=${lists}`,
    `Dir::Cache=${cache}`,
    'APT::Get::List-Cleanup=0',
    // Only the list of packages: no translations, no icons, no descriptions for software centres.
    'Acquire::Languages=none',
    'Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false',
    'Acquire::IndexTargets::deb::CNF::DefaultEnabled=false',
    'Acquire::Retries=3',
  ].flatMap((option) => ['-o', option]);
}

async function download(
  paths: ManagedPaths,
  names: string[],
  options: string[],
  progress: Progress,
  signal: AbortSignal | undefined,
): Promise<void> {
  const staging = `${paths.packages}.partial`;
  await asRoot(['rm', '-rf', staging]);
  await asRoot(['mkdir', '-p', staging]);
  const get = ['apt-get', '-q', '-o', 'APT::Sandbox::User=root', ...options];
  const total = totalBytes(await asRoot([...get, '--print-uris', 'download', ...names]));
  const megabytes = Math.round(total / 1e6);
  const report = () =>
    progress(`Downloading the engine (${megabytes} MB)`, Math.min(1, folderBytes(staging) / total));
  report();
  const timer = setInterval(report, 250);
  try {
    await asRoot([...get, 'download', ...names], { cwd: staging, signal });
  } finally {
    clearInterval(timer);
  }
  await asRoot(['rm', '-rf', paths.packages]);
  await asRoot(['mv', '-T', staging, paths.packages]);
}

/** apt prints a line a file: 'URI' name size checksum. */
function totalBytes(uris: string): number {
  const sizes = [...uris.matchAll(/^'.*' \S+ (\d+)/gm)].map((match) => Number(match[1]));
  return sizes.reduce((sum, size) => sum + size, 0) || 1;
}

function folderBytes(folder: string): number {
  try {
    return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
  } catch {
    return 0;
  }
}

function debFiles(folder: string, names: string[]): string[] {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter((file) => file.endsWith('.deb'));
  return names.flatMap((name) => files.filter((file) => file.startsWith(`${name}_`)).slice(0, 1));
}

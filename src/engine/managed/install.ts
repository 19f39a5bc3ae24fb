import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { installPackages } from '../../machine/apt.js';
import { distribution, installHints } from '../../machine/os.js';
import { asRoot, RootCommandFailed, rootEnv } from '../../machine/sudo.js';
import { GatherError } from '../../output/errors.js';
import { onPath } from '../tools.js';
import { downloadPackages } from './download.js';
import { isInstalled, type ManagedPaths } from './paths.js';
import type { Progress } from './progress.js';

/**
 * Puts the engine's programs into the prefix: the distribution's packages, downloaded and unpacked, not installed, so that no
 * service starts and nothing else on the machine changes. Only runc and iptables are installed, when they are missing.
 * @throws GatherError ENGINE_UNSUPPORTED where there are no such packages, ENGINE_FAILED when getting them failed
 */
export async function installManaged(
  paths: ManagedPaths,
  progress: Progress,
  signal?: AbortSignal,
): Promise<void> {
  assertSupported();
  try {
    await installHostPackages(progress, signal);
    if (!isInstalled(paths)) await unpack(paths, await downloadPackages(paths, progress, signal), progress);
  } catch (error) {
    if (!(error instanceof RootCommandFailed)) throw error;
    const what = error.command.join(' ').match(/apt-get|dpkg-deb/)?.[0] ?? error.command[0];
    throw new GatherError(
      'ENGINE_FAILED',
      `The packages of the managed engine cannot be installed: ${what} failed.`,
      {
        details: error.lines(),
        hints: ['sudo apt-get update   # does the machine reach its package mirror?', 'gather engine start'],
        cause: error,
      },
    );
  }
}

/**
 * Debian 12 and newer and Ubuntu 22.04 and newer can run Debian's or Ubuntu's own packages.
 * @throws GatherError ENGINE_UNSUPPORTED elsewhere
 */
export function assertSupported(): void {
  const system = process.platform === 'linux' ? distribution() : undefined;
  const oldest = { debian: 12, ubuntu: 22.04 }[system?.id ?? ''];
  const isNew = oldest !== undefined && Number(system?.version || Number.POSITIVE_INFINITY) >= oldest;
  if (isNew && existsSync('/usr/bin/apt-get')) return;
  const name = system?.name ?? (process.platform === 'darwin' ? 'macOS' : 'Windows');
  const hints = installHints().filter((hint) => hint !== 'gather engine start');
  throw new GatherError(
    'ENGINE_UNSUPPORTED',
    `gather runs an engine of its own on Debian 12+ and Ubuntu 22.04+ only; this is ${name}.`,
    {
      hints,
    },
  );
}

/** runc and iptables have to fit the machine's own C library and kernel, so they are installed in the usual way. */
async function installHostPackages(progress: Progress, signal?: AbortSignal): Promise<void> {
  const missing = ['runc', 'iptables'].filter((name) => onPath(name, rootEnv()) === undefined);
  if (missing.length === 0) return;
  progress(`Installing ${missing.join(' and ')}`);
  await installPackages(missing, signal);
}

/** Unpacks into a staging folder and renames it at the end: Ctrl-C never leaves half a prefix. */
async function unpack(paths: ManagedPaths, files: string[], progress: Progress): Promise<void> {
  const staging = `${paths.prefix}.partial`;
  await asRoot(['rm', '-rf', staging]);
  await asRoot(['mkdir', '-p', staging]);
  let done = 0;
  progress('Unpacking the engine', 0);
  await Promise.all(
    files.map(async (file) => {
      await asRoot(['dpkg-deb', '-x', join(paths.packages, file), staging]);
      progress('Unpacking the engine', ++done / files.length);
    }),
  );
  await asRoot(['chmod', '755', staging]);
  await asRoot(['rm', '-rf', paths.prefix, paths.apt]);
  await asRoot(['mv', '-T', staging, paths.prefix]);
}

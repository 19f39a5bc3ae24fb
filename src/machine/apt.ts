import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type Distribution, distribution } from './os.js';
import { asRoot, RootCommandFailed, rootEnv } from './sudo.js';

/** How long apt waits for an apt of somebody else. */
const LOCK_SECONDS = 120;
const INSTALL = [
  ...['apt-get', '-y', '-q', '-o', `DPkg::Lock::Timeout=${LOCK_SECONDS}`],
  ...['install', '--no-install-recommends'],
];

let last: Promise<unknown> = Promise.resolve();

/**
 * Installs packages of the machine's own distribution, reading the package lists first when apt cannot do without. One
 * call at a time, for two that both read the lists would fail on each other's lock.
 * @param run how root runs apt
 * @throws RootCommandFailed when apt cannot
 */
export function installPackages(names: string[], signal?: AbortSignal, run = asRoot): Promise<void> {
  const work = last.then(() => install(names, signal, run));
  last = work.catch(() => {});
  return work;
}

async function install(names: string[], signal: AbortSignal | undefined, run: typeof asRoot): Promise<void> {
  const command = [...INSTALL, ...names];
  try {
    await apt(command, signal, run);
  } catch {
    await apt(['apt-get', '-q', 'update'], signal, run);
    await apt(command, signal, run);
  }
}

/** DPkg::Lock::Timeout does not hold for the lock of the package lists, so waiting for that one is up to us. */
async function apt(command: string[], signal: AbortSignal | undefined, run: typeof asRoot): Promise<void> {
  const end = Date.now() + LOCK_SECONDS * 1000;
  for (;;) {
    try {
      await run(command, { signal });
      return;
    } catch (error) {
      if (!isListsLock(error) || Date.now() > end) throw error;
      await sleep(1000, undefined, { signal });
    }
  }
}

function isListsLock(error: unknown): boolean {
  return error instanceof RootCommandFailed && /Could not get lock \S*\/lists\//.test(error.output);
}

/**
 * The mirror from which the machine's apt takes Debian, over http; nothing elsewhere than on a Debian.
 * @param run how to run apt: sources with a password in them may be for root's eyes only
 */
export async function debianMirror(
  run = asCaller,
  system: Pick<Distribution, 'id' | 'codename'> | undefined = distribution(),
): Promise<string | undefined> {
  if (system?.id !== 'debian') return undefined;
  const read = async (options: string[], format: string) => {
    const command = ['apt-get', 'indextargets', ...options, '--format', format, 'Created-By: Packages'];
    const lines = (await run(command).catch(() => '')).split('\n').map((line) => line.split(' '));
    return lines.filter(([uri, , part]) => /^https?:/.test(uri ?? '') && part === 'main');
  };
  const known = await read([], '$(REPO_URI) $(CODENAME) $(COMPONENT) $(ORIGIN)');
  // Without the lists apt knows no more than its sources say.
  const sources = known.length
    ? []
    : await read(['--no-release-info'], '$(REPO_URI) $(RELEASE) $(COMPONENT)');
  const mirror =
    known.find(([, codename, , origin]) => codename === system.codename && origin === 'Debian') ??
    sources.find(([uri, release]) => /\/debian\/?$/.test(uri ?? '') && !/[-/]/.test(release ?? ''));
  return mirror?.[0]?.replace(/\/$/, '');
}

async function asCaller([program = '', ...args]: string[]): Promise<string> {
  return (await promisify(execFile)(program, args, { env: rootEnv(), maxBuffer: 16 << 20 })).stdout;
}

import { execFile, spawn, spawnSync } from 'node:child_process';
import { GatherError } from '../output/errors.js';
import { withoutPasswords } from '../output/passwords.js';

/** Set by administrators to reach the outside; sudo drops them unless it is asked not to. */
const OUTSIDE = [
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'ALL_PROXY'].flatMap((name) => [name, name.toLowerCase()]),
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
];
const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * What to put before a command so that root runs it: nothing for root, else sudo. Asks for the password once, on the terminal.
 * @throws GatherError ENGINE_UNSUPPORTED when we are not root and sudo does not let us
 */
export function rootPrefix(): string[] {
  if (process.getuid?.() === 0) return [];
  const sudo = ['sudo', '-n', `--preserve-env=${OUTSIDE.filter((name) => process.env[name]).join(',')}`];
  const works = (args: string[], stdio: 'ignore' | 'inherit') =>
    spawnSync('sudo', args, { stdio }).status === 0;
  if (works(['-n', 'true'], 'ignore')) return sudo;
  if (process.stdin.isTTY && process.stdout.isTTY && works(['-v'], 'inherit')) return sudo;
  throw new GatherError(
    'ENGINE_UNSUPPORTED',
    'The managed engine needs root, and sudo does not answer without a password.',
    {
      hints: ['sudo -v && gather engine start', 'Or as root: gather engine start'],
    },
  );
}

/** The whole environment of root's commands: PATH and the ways out, and nothing of the user's secrets. */
export function rootEnv(bin: string[] = []): Record<string, string> {
  const env: Record<string, string> = {
    PATH: [...bin, SYSTEM_PATH].join(':'),
    LC_ALL: 'C',
    DEBIAN_FRONTEND: 'noninteractive',
  };
  for (const name of OUTSIDE) {
    const value = process.env[name];
    if (value) env[name] = value;
  }
  return env;
}

/** A command of root's that failed: its last lines are for the user. */
export class RootCommandFailed extends Error {
  constructor(
    readonly command: string[],
    readonly output: string,
  ) {
    super(`${command[0]} failed`);
  }

  /** The last lines that it printed, without passwords in URLs. */
  lines(count = 8): string[] {
    return withoutPasswords(this.output).trim().split('\n').slice(-count);
  }
}

export interface RootOptions {
  cwd?: string;
  input?: string;
  bin?: string[];
  /** Interrupts the command as Ctrl-C on a terminal does: apt then ends, but not in the middle of unpacking a package. */
  signal?: AbortSignal | undefined;
}

/**
 * Runs a command as root and resolves to what it prints.
 * @throws RootCommandFailed
 */
export async function asRoot(command: string[], options: RootOptions = {}): Promise<string> {
  options.signal?.throwIfAborted();
  const [program = '', ...args] = [...rootPrefix(), ...withPath(command, options.bin)];
  return new Promise((resolve, reject) => {
    const settings = {
      env: rootEnv(options.bin),
      maxBuffer: 64 << 20,
      ...(options.cwd && { cwd: options.cwd }),
    };
    const interrupt = () => child.kill('SIGINT');
    const child = execFile(program, args, settings, (error, stdout, stderr) => {
      options.signal?.removeEventListener('abort', interrupt);
      if (error)
        reject(new RootCommandFailed(command, `${stdout}\n${stderr}\n${stderr ? '' : error.message}`));
      else resolve(stdout);
    });
    options.signal?.addEventListener('abort', interrupt);
    child.stdin?.on('error', () => {});
    child.stdin?.end(options.input ?? '');
  });
}

/** Starts a program of root's in the background; its stdin is ours to close. */
export function spawnAsRoot(command: string[]): ReturnType<typeof spawn> {
  const [program = '', ...args] = [...rootPrefix(), ...command];
  // Out of the terminal's foreground group: Ctrl-C is for us, and we end it by closing its stdin.
  return spawn(program, args, { env: rootEnv(), detached: true, stdio: ['pipe', 'pipe', 'ignore'] });
}

/** sudo sets a PATH of its own, so root gets ours through env(1). */
function withPath(command: string[], bin: string[] | undefined): string[] {
  return process.getuid?.() === 0 ? command : ['env', `PATH=${rootEnv(bin).PATH}`, 'LC_ALL=C', ...command];
}

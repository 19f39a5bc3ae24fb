import { chmodSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { until } from './docker.js';

/** The clone that is under test. */
export const HOME = fileURLToPath(new URL('../..', import.meta.url));

export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  cwd: string;
  input?: string;
  env?: Record<string, string>;
}

/** Runs the built CLI as a user would, without a terminal. Does not throw: the exit code is part of what is tested. */
export async function gather(args: string[], options: RunOptions): Promise<Ran> {
  const result = await execa('node', [join(HOME, 'dist/main.js'), ...args], {
    cwd: options.cwd,
    env: options.env ?? {},
    reject: false,
    ...(options.input === undefined ? { stdin: 'ignore' as const } : { input: options.input }),
  });
  return { code: result.exitCode ?? -1, stdout: result.stdout, stderr: result.stderr };
}

/** The same, for a call that has to work: throws with what it said. */
export async function gatherOk(args: string[], options: RunOptions): Promise<Ran> {
  const ran = await gather(args, options);
  if (ran.code !== 0)
    throw new Error(`gather ${args[0]} ended with ${ran.code}\n${ran.stdout}\n${ran.stderr}`);
  return ran;
}

/** The data of a command called with `--output json`: what stands in its last line. */
export async function gatherJson<T>(args: string[], options: RunOptions): Promise<T> {
  const { stdout } = await gatherOk([...args, '--output', 'json'], options);
  const last = JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as { data: T };
  return last.data;
}

/** A command that goes on until it is told to end, such as `gather watch`. */
export class RunningGather {
  said = '';
  readonly #process;

  constructor(args: string[], cwd: string) {
    this.#process = execa('node', [join(HOME, 'dist/main.js'), ...args], { cwd, all: true, reject: false });
    this.#process.all.on('data', (chunk: Buffer) => {
      this.said += chunk.toString();
    });
  }

  hears(text: string | RegExp): Promise<string> {
    return until(
      async () => this.said,
      (now) => (typeof text === 'string' ? now.includes(text) : text.test(now)),
    );
  }

  /** Ctrl-C. Returns the exit code. */
  async end(): Promise<number | undefined> {
    this.#process.kill('SIGINT');
    return (await this.#process).exitCode;
  }
}

/** An empty folder of its own for one test. */
export function emptyFolder(name = 'project'): string {
  return mkdtempSync(join(tmpdir(), `gather-test-${name}-`));
}

/** Values that break whatever is put together without quoting. */
export const ODD = {
  webPassword: `we'b "pass" $HOME #1 \\ 100% @/:ü`,
  airflowPassword: `a'f "p" $x \${y} #h \\n %40 @h/s:ß€`,
  postgresPassword: `p'g "q" $$ #\\ %s @/`,
  redisPassword: `r'e "d" $i #s\\ %20 @:/é`,
};

/** Runs the CLI as another user, from a copy that everybody may read: the clone itself may lie in a closed folder. */
export async function gatherAs(uid: number, args: string[], options: RunOptions): Promise<Ran> {
  const home = emptyFolder('home');
  try {
    for (const name of ['dist', 'compose', 'dags', 'plugins', 'config', 'requirements.txt', 'package.json'])
      cpSync(join(HOME, name), join(home, name), { recursive: true });
    chmodSync(home, 0o755);
    const as = ['--reuid', String(uid), '--regid', String(uid), '--clear-groups'];
    const line = [...as, process.execPath, join(home, 'dist/main.js'), ...args];
    const result = await execa('setpriv', line, { cwd: options.cwd, reject: false, stdin: 'ignore' });
    return { code: result.exitCode ?? -1, stdout: result.stdout, stderr: result.stderr };
  } finally {
    rmSync(home, { recursive: true });
  }
}

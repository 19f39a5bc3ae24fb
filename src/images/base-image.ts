import { join } from 'node:path';
import { toolEnv } from '../engine/compose.js';
import type { Engine } from '../engine/engine.js';
import { onPath } from '../engine/tools.js';
import { whileAnswering } from '../engine/while-answering.js';
import { installPackages } from '../machine/apt.js';
import { RootCommandFailed, rootEnv } from '../machine/sudo.js';
import { tempFolder } from '../machine/temp-folder.js';
import { cancellable } from '../output/cancelled.js';
import { GatherError } from '../output/errors.js';
import type { Reporter } from '../output/events.js';
import { withoutPasswords } from '../output/passwords.js';
import { lastLines } from '../output/text.js';
import { hostMirror } from './build-secrets/apt.js';
import { type Host, thisMachine } from './build-secrets/host.js';

/** A tar in the making, or made. */
interface Making {
  tar: Promise<string>;
  /** Ends what still runs for it and removes its folder. */
  stop(): void;
}

/** What the machine is asked for: where its apt takes Debian from, and packages. */
type Machine = Pick<Host, 'env' | 'debianMirror'> & { installPackages: typeof installPackages };

/**
 * Makes the root file system of all images from packages: a minimal Debian by mmdebstrap, which apt installs when it is
 * missing. Throws ENGINE_UNSUPPORTED where that is not possible (no Debian, no root), IMAGE_FAILED when it fails,
 * CANCELLED after `signal` or `dispose()`.
 */
export class RootFileSystem {
  private making: Making | undefined;

  constructor(
    /** `compose/base-image`. */
    private readonly folder: string,
    private readonly report: Reporter,
    private readonly signal?: AbortSignal,
    private readonly machine: Machine = { ...thisMachine(), installPackages },
  ) {}

  /**
   * Starts making the tar; it needs no engine, so it may run while one is being started. A failure is forgotten: the next
   * call tries again.
   */
  start(): Promise<string> {
    this.making ??= this.begin();
    return this.making.tar;
  }

  /** Hands the tar to the engine under `tag`, and removes it. */
  async importInto(engine: Engine, tag: string, signal = this.signal): Promise<void> {
    const started = Date.now();
    const stop = () => this.dispose();
    signal?.addEventListener('abort', stop);
    try {
      await cancellable('making the base image was stopped', signal, async () => {
        const tar = await this.start();
        const { execa } = await import('execa');
        const result = await whileAnswering(engine, signal, async (cancelSignal) =>
          execa(engine.docker, ['import', tar, tag], {
            env: toolEnv(engine),
            extendEnv: false,
            reject: false,
            cancelSignal,
          }),
        );
        if (result.exitCode !== 0)
          throw new GatherError('IMAGE_FAILED', 'the engine does not take the base image', {
            details: lastLines(withoutPasswords(String(result.stderr)), 5),
          });
      });
    } finally {
      signal?.removeEventListener('abort', stop);
      this.dispose();
    }
    this.report.event({ type: 'progress-done', subject: 'base', seconds: (Date.now() - started) / 1000 });
  }

  dispose(): void {
    this.making?.stop();
    this.making = undefined;
  }

  private begin(): Making {
    const temporary = tempFolder('gather-base-');
    const stopping = new AbortController();
    const signal = this.signal ? AbortSignal.any([this.signal, stopping.signal]) : stopping.signal;
    const stop = () => {
      process.removeListener('exit', stop);
      stopping.abort();
      temporary.dispose();
    };
    // before the folder goes, what writes into it has to
    process.prependOnceListener('exit', stop);
    const tar = cancellable('making the base image was stopped', signal, () =>
      this.make(join(temporary.path, 'base.tar'), signal),
    );
    const making = { tar, stop };
    tar.catch(() => {
      stop();
      if (this.making === making) this.making = undefined;
    });
    return making;
  }

  private async make(tar: string, signal: AbortSignal): Promise<string> {
    if (process.platform !== 'linux' || process.getuid?.() !== 0)
      throw new GatherError(
        'ENGINE_UNSUPPORTED',
        'images from packages start with a Debian root file system, which only root on Linux can make',
        {
          hints: [
            'let a registry answer: images: registry and registry: host:port/path in gather.yaml',
            'sudo gather images build',
          ],
        },
      );
    this.report.event({ type: 'progress', subject: 'base', text: 'making a minimal Debian 12' });
    await ensureTool(this.machine, signal);
    const mirror = await hostMirror(this.machine);
    const { failed, output } = await runGroup([join(this.folder, 'bootstrap.sh'), tar], mirror, signal);
    if (!failed) return tar;
    throw new GatherError('IMAGE_FAILED', 'the base image cannot be made', {
      details: lastLines(withoutPasswords(output), 20),
      hints: ['are Debian packages to be had? apt-get update', 'GATHER_APT_MIRROR=http://… names a mirror'],
    });
  }
}

/** Runs a script in a process group of its own, so that `signal` ends all that it has started. */
async function runGroup(
  [script = '', ...args]: string[],
  mirror: string | undefined,
  signal: AbortSignal,
): Promise<{ failed: boolean; output: string }> {
  const { execa } = await import('execa');
  signal.throwIfAborted();
  const child = execa(script, args, {
    env: mirror ? { MIRROR: mirror } : {},
    reject: false,
    all: true,
    stdin: 'ignore',
    detached: true,
  });
  const end = () => {
    if (child.pid === undefined) return;
    try {
      // TERM, so that mmdebstrap removes its own folder
      process.kill(-child.pid, 'SIGTERM');
    } catch {
      // all of them have ended
    }
  };
  signal.addEventListener('abort', end);
  try {
    const { failed, all, shortMessage } = await child;
    return { failed, output: all || (shortMessage ?? '') };
  } finally {
    signal.removeEventListener('abort', end);
  }
}

async function ensureTool({ installPackages }: Machine, signal: AbortSignal): Promise<void> {
  if (['mmdebstrap', 'debootstrap'].some((name) => onPath(name, rootEnv()))) return;
  try {
    await installPackages(['mmdebstrap'], signal);
  } catch (error) {
    if (!(error instanceof RootCommandFailed)) throw error;
    throw new GatherError(
      'ENGINE_UNSUPPORTED',
      'mmdebstrap, which makes the base image, cannot be installed',
      { details: error.lines(10), hints: ['apt-get install mmdebstrap'], cause: error },
    );
  }
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GatherError } from '../../output/errors.js';
import type { Reporter } from '../../output/events.js';
import { lastLines, toolEnv } from '../compose.js';
import type { Engine } from '../engine.js';
import { hostMirror } from './secrets.js';

/**
 * Makes the root file system of all images from packages: a minimal Debian by mmdebstrap, which apt installs when it is
 * missing. Throws ENGINE_UNSUPPORTED where that is not possible (no Debian, no root).
 */
export class RootFileSystem {
  private made: Promise<string> | undefined;

  constructor(
    /** `compose/images/base`. */
    private readonly folder: string,
    private readonly report: Reporter,
  ) {}

  /** Starts making the tar; it needs no engine, so it may run while one is being started. */
  start(): Promise<string> {
    this.made ??= this.make();
    return this.made;
  }

  /** Hands the tar to the engine under `tag`. */
  async importInto(engine: Engine, tag: string): Promise<void> {
    const started = Date.now();
    const tar = await this.start();
    const { execa } = await import('execa');
    const result = await execa(engine.docker, ['import', tar, tag], {
      env: toolEnv(engine),
      extendEnv: false,
      reject: false,
    });
    this.dispose();
    if (result.exitCode !== 0)
      throw new GatherError('IMAGE_FAILED', 'the engine does not take the base image', {
        details: lastLines(String(result.stderr), 5),
      });
    this.report.event({ type: 'progress-done', subject: 'base', seconds: (Date.now() - started) / 1000 });
  }

  dispose(): void {
    void this.made?.then(
      (tar) => rmSync(join(tar, '..'), { recursive: true, force: true }),
      () => {},
    );
    this.made = undefined;
  }

  private async make(): Promise<string> {
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
    const { execa } = await import('execa');
    this.report.event({ type: 'progress', subject: 'base', text: 'making a minimal Debian 12' });
    await ensureTool(execa);
    const folder = mkdtempSync(join(tmpdir(), 'gather-base-'));
    const tar = join(folder, 'base.tar');
    const mirror = hostMirror();
    const env = mirror ? { MIRROR: mirror } : {};
    const result = await execa(join(this.folder, 'bootstrap.sh'), [tar], {
      env,
      reject: false,
      all: true,
      stdin: 'ignore',
    });
    if (result.exitCode === 0) return tar;
    rmSync(folder, { recursive: true, force: true });
    throw new GatherError('IMAGE_FAILED', 'the base image cannot be made', {
      details: lastLines(String(result.all), 20),
      hints: ['are Debian packages to be had? apt-get update', 'GATHER_APT_MIRROR=http://… names a mirror'],
    });
  }
}

async function ensureTool(execa: typeof import('execa').execa): Promise<void> {
  const has = async (name: string) => (await execa('which', [name], { reject: false })).exitCode === 0;
  if ((await has('mmdebstrap')) || (await has('debootstrap'))) return;
  const install = () =>
    execa(
      'apt-get',
      ['install', '-y', '-q', '-o', 'DPkg::Lock::Timeout=120', '--no-install-recommends', 'mmdebstrap'],
      { env: { DEBIAN_FRONTEND: 'noninteractive' }, reject: false, all: true },
    );
  let result = await install();
  if (result.exitCode !== 0) {
    await execa('apt-get', ['update', '-q'], { reject: false });
    result = await install();
  }
  if (result.exitCode !== 0)
    throw new GatherError(
      'ENGINE_UNSUPPORTED',
      'mmdebstrap, which makes the base image, cannot be installed',
      {
        details: lastLines(String(result.all), 10),
        hints: ['apt-get install mmdebstrap'],
      },
    );
}

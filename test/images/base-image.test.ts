import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Engine } from '../../src/engine/engine.js';
import { isAlive, until } from '../../src/engine/managed/process.js';
import { RootFileSystem } from '../../src/images/base-image.js';

/** The machine that runs the tests keeps its packages. */
const MACHINE = { env: {}, debianMirror: async () => undefined, installPackages: async () => {} };

const report = { event: () => {}, close: () => {} };
let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gather-root-test-'));
  vi.stubEnv('TMPDIR', folder);
  vi.spyOn(process, 'getuid').mockReturnValue(0);
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

/** Puts a bootstrap.sh in place of ours. */
function bootstrap(script: string): void {
  writeFileSync(join(folder, 'bootstrap.sh'), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, 'bootstrap.sh'), 0o755);
}

const rootFileSystem = (signal?: AbortSignal) => new RootFileSystem(folder, report, signal, MACHINE);
const leftovers = () => readdirSync(folder).filter((name) => name.startsWith('gather-base-'));

/** Starts a bootstrap that runs a program of its own for a minute; resolves to the process id of that. */
async function startSlow(root: RootFileSystem): Promise<{ made: Promise<string>; pid: number }> {
  const file = join(folder, 'pid');
  bootstrap(`sleep 60 & echo $! >${file}.new; mv ${file}.new ${file}; wait`);
  const made = root.start();
  made.catch(() => {});
  expect(await until(() => existsSync(file), 5000)).toBe(true);
  return { made, pid: Number(readFileSync(file, 'utf8')) };
}

const exitListeners = () => process.listenerCount('exit');

describe('the root file system', () => {
  test('is made once, and gone with dispose()', async () => {
    bootstrap('echo tar >"$1"');
    const before = exitListeners();
    const root = rootFileSystem();
    const tar = await root.start();
    expect(await root.start()).toBe(tar);
    expect(readFileSync(tar, 'utf8')).toBe('tar\n');
    root.dispose();
    expect(leftovers()).toEqual([]);
    expect(exitListeners()).toBe(before);
  });

  test('a failure is forgotten, leaves nothing behind, and shows no password', async () => {
    bootstrap('echo "E: http://me:s3cret@mirror/debian is not there"; exit 1');
    const root = rootFileSystem();
    await expect(root.start()).rejects.toMatchObject({
      code: 'IMAGE_FAILED',
      details: ['E: http://***@mirror/debian is not there'],
    });
    expect(leftovers()).toEqual([]);
    bootstrap('echo tar >"$1"');
    expect(existsSync(await root.start())).toBe(true);
    root.dispose();
  });

  test('dispose() ends all that runs for it, and removes the folder at once', async () => {
    const root = rootFileSystem();
    const { made, pid } = await startSlow(root);
    root.dispose();
    expect(leftovers()).toEqual([]);
    await expect(made).rejects.toMatchObject({ code: 'CANCELLED', exitCode: 130 });
    expect(await until(() => !isAlive(pid), 5000)).toBe(true);
  });

  test('Ctrl-C ends it as CANCELLED', async () => {
    const stop = new AbortController();
    const root = rootFileSystem(stop.signal);
    const { made, pid } = await startSlow(root);
    stop.abort();
    await expect(made).rejects.toMatchObject({ code: 'CANCELLED', exitCode: 130 });
    expect(leftovers()).toEqual([]);
    expect(await until(() => !isAlive(pid), 5000)).toBe(true);
  });

  test('so does the exit of the process', async () => {
    const before = process.listeners('exit');
    const root = rootFileSystem();
    const { made, pid } = await startSlow(root);
    const added = process.listeners('exit').filter((one) => !before.includes(one));
    for (const listener of added) listener(130);
    expect(leftovers()).toEqual([]);
    await made.catch(() => {});
    expect(await until(() => !isAlive(pid), 5000)).toBe(true);
  });

  test('a signal of the import ends one that was started before', async () => {
    const stop = new AbortController();
    const root = rootFileSystem();
    const { pid } = await startSlow(root);
    const imported = root.importInto({ docker: 'false', env: {} } as Engine, 'x', stop.signal);
    stop.abort();
    await expect(imported).rejects.toMatchObject({ code: 'CANCELLED', exitCode: 130 });
    expect(await until(() => !isAlive(pid), 5000)).toBe(true);
  });
});

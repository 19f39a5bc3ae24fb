import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Engine } from '../../src/engine/engine.js';
import { startManaged } from '../../src/engine/managed/daemon.js';
import { type ManagedPaths, managedPaths } from '../../src/engine/managed/paths.js';
import { daemonPid, helperPids, until } from '../../src/engine/managed/process.js';
import { managedStatus } from '../../src/engine/managed/status.js';
import { stopManaged } from '../../src/engine/managed/stop.js';
import { shellEnv } from '../../src/engine/shell-env.js';

/** Two engines of this test's own, beside whatever runs on the machine. */
const folders = ['one', 'two'].map((name) => join(mkdtempSync(join(tmpdir(), 'gather-managed-')), name));
const [first = '', second = ''] = folders;
const before = { ...process.env };
const IMAGE = 'gather-test/shell';

function use(folder: string): ManagedPaths {
  process.env.GATHER_ENGINE_DIR = folder;
  return managedPaths();
}

function docker(engine: Engine, ...args: string[]): string {
  return execFileSync(engine.docker, args, {
    env: { ...process.env, ...engine.env },
    encoding: 'utf8',
  }).trim();
}

/** An image of the machine's own sh and sleep: no registry is needed. */
function importShell(engine: Engine): void {
  const programs = ['/bin/sh', '/bin/sleep'];
  const libraries = programs.flatMap(
    (one) => execFileSync('ldd', [one], { encoding: 'utf8' }).match(/\/\S+/g) ?? [],
  );
  const files = [...new Set([...programs, ...libraries])].map((path) => path.slice(1));
  const tar = execFileSync('tar', ['-C', '/', '-ch', ...files], { maxBuffer: 64 << 20 });
  const env = { ...process.env, ...engine.env };
  execFileSync(engine.docker, ['import', '-', IMAGE], { input: tar, env });
}

const natRules = () => execFileSync('iptables-save', ['-t', 'nat'], { encoding: 'utf8' }).split('\n');
const started: Record<string, Engine> = {};

beforeAll(async () => {
  process.env.XDG_CACHE_HOME = join(first, '../cache');
  delete process.env.GATHER_ENGINE_DIR;
  const packages = managedPaths().packages;
  for (const folder of folders) {
    mkdirSync(folder, { recursive: true });
    if (existsSync(packages)) cpSync(packages, join(folder, 'packages'), { recursive: true });
    const paths = use(folder);
    // Two at once: one of them installs and starts, the other waits for it.
    const starts: string[] = [];
    const say = (line: string) => line === 'Starting the engine' && starts.push(line);
    const [a, b] = await Promise.all([startManaged(say), startManaged(say)]);
    expect(a).toEqual(b);
    expect(starts).toHaveLength(1);
    started[folder] = a;
    if (folder === first) cpSync(paths.packages, join(second, 'packages'), { recursive: true });
  }
});

afterAll(async () => {
  for (const folder of folders) {
    use(folder);
    await stopManaged();
    rmSync(join(folder, '..'), { recursive: true });
  }
  process.env = before;
});

describe('the managed engine', () => {
  it('runs once after two starts at once, and answers with docker, Compose and buildx', async () => {
    const engine = started[first] as Engine;
    const paths = use(first);
    expect(docker(engine, 'info', '--format', '{{.DockerRootDir}}')).toBe(paths.data);
    expect(docker(engine, 'compose', 'version', '--short')).toContain(engine.composeVersion);
    expect(docker(engine, 'buildx', 'version')).toContain(engine.buildx);
    const daemons = readdirSync('/proc').filter((pid) => {
      const file = `/proc/${pid}/cmdline`;
      return (
        /^\d+$/.test(pid) &&
        existsSync(file) &&
        readFileSync(file, 'utf8').startsWith(`dockerd\0--config-file\0${first}/`)
      );
    });
    expect(daemons).toEqual([String(daemonPid(paths))]);
  });

  it('is left as it is by another start', async () => {
    const paths = use(first);
    const pid = daemonPid(paths);
    await startManaged();
    expect(daemonPid(paths)).toBe(pid);
    expect(await managedStatus()).toMatchObject({ installed: true, running: true, pid, host: paths.host });
  });

  it('gives a shell what it needs', () => {
    const script = `${shellEnv(started[first] as Engine, '/bin/sh')}\ndocker compose version && docker info -f '{{.ID}}'`;
    const output = execFileSync('sh', ['-c', script], { encoding: 'utf8' });
    expect(output).toContain('Docker Compose version');
    expect(output).toContain(docker(started[first] as Engine, 'info', '-f', '{{.ID}}'));
  });

  it('comes up again after kill -9, with the container that was to be always there', async () => {
    const paths = use(first);
    const engine = started[first] as Engine;
    importShell(engine);
    docker(
      engine,
      'run',
      '-d',
      '--init',
      '--restart',
      'always',
      '--name',
      'stays',
      IMAGE,
      '/bin/sleep',
      '1000',
    );
    const pid = daemonPid(paths) as number;
    process.kill(pid, 'SIGKILL');
    await until(() => daemonPid(paths) === undefined, 5000);
    expect((await managedStatus()).running).toBe(false);
    await startManaged();
    expect(daemonPid(paths)).not.toBe(pid);
    await until(() => docker(engine, 'ps', '-q', '--filter', 'name=stays') !== '', 10_000);
    expect(docker(engine, 'inspect', '-f', '{{.State.Running}}', 'stays')).toBe('true');
  });

  it('keeps its own bridge after kill -9, also when no container is on it', async () => {
    const paths = use(second);
    process.kill(daemonPid(paths) as number, 'SIGKILL');
    await until(() => daemonPid(paths) === undefined, 5000);
    const engine = await startManaged();
    const name = '{{index .Options "com.docker.network.bridge.name"}}';
    expect(docker(engine, 'network', 'inspect', 'bridge', '--format', name)).toBe(paths.bridge);
  });

  it('leaves the published ports of another engine alone when it starts', async () => {
    const engine = started[first] as Engine;
    docker(
      engine,
      'run',
      '-d',
      '-p',
      '127.0.0.1:39871:80',
      '--name',
      'published',
      IMAGE,
      '/bin/sleep',
      '1000',
    );
    const published = natRules().filter((rule) => rule.includes('39871'));
    expect(published).toHaveLength(1);
    const other = use(second);
    expect(other.bridge).not.toBe(use(first).bridge);
    use(second);
    expect(await stopManaged()).toBe(true);
    expect(natRules()).toEqual(expect.arrayContaining(published));
    await startManaged();
    expect(natRules()).toEqual(expect.arrayContaining(published));
  });

  it('ends with its containers, its containerd and its bridge', async () => {
    const paths = use(first);
    expect(await stopManaged()).toBe(true);
    expect(daemonPid(paths)).toBeUndefined();
    expect(helperPids(paths)).toEqual([]);
    expect(existsSync(`/sys/class/net/${paths.bridge}`)).toBe(false);
    expect(natRules().filter((rule) => rule.includes(paths.bridge))).toEqual([]);
    expect(existsSync(paths.socket)).toBe(false);
    expect(execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })).not.toContain(first);
    expect(await stopManaged()).toBe(false);
  });

  it('ends the containers of a dockerd that was killed', async () => {
    const paths = use(second);
    const engine = started[second] as Engine;
    importShell(engine);
    docker(engine, 'run', '-d', '--stop-timeout', '1', '--name', 'orphan', IMAGE, '/bin/sleep', '2718');
    process.kill(daemonPid(paths) as number, 'SIGKILL');
    await until(() => daemonPid(paths) === undefined, 5000);
    expect(await stopManaged()).toBe(true);
    expect(execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })).not.toContain('sleep 2718');
    expect(helperPids(paths)).toEqual([]);
  });
});

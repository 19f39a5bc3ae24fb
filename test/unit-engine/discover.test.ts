import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Candidate, candidates } from '../../src/engine/candidates.js';
import { engineNotFound, findEngine, firstUsable } from '../../src/engine/discover.js';
import { isOlder } from '../../src/engine/engine.js';
import { dial } from '../../src/engine/ping.js';
import { type PlayedEngine, playEngine } from './play-engine.js';

let home: string;
let env: NodeJS.ProcessEnv;
const engines: PlayedEngine[] = [];

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'gather-discover-'));
  env = { HOME: home, PATH: join(home, 'bin'), GATHER_ENGINE_DIR: join(home, 'managed') };
  mkdirSync(join(home, 'bin'));
  program('bin/docker', 'Docker version 26.1.5, build x');
  program('.docker/cli-plugins/docker-compose', '2.29.7');
  program('.docker/cli-plugins/docker-buildx', 'github.com/docker/buildx v0.17.1 abc');
});

afterEach(async () => {
  await Promise.all(engines.splice(0).map((engine) => engine.close()));
  rmSync(home, { recursive: true });
});

/** A program that prints one line. */
function program(path: string, prints: string): void {
  mkdirSync(join(home, path, '..'), { recursive: true });
  writeFileSync(join(home, path), `#!/bin/sh\necho '${prints}'\n`);
  chmodSync(join(home, path), 0o755);
}

async function play(options: Parameters<typeof playEngine>[1] = {}): Promise<PlayedEngine> {
  const engine = await playEngine(home, options);
  engines.push(engine);
  return engine;
}

function context(name: string, host: string): string {
  const id = createHash('sha256').update(name).digest('hex');
  const folder = join(home, '.docker/contexts/meta', id);
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, 'meta.json'),
    JSON.stringify({ Name: name, Endpoints: { docker: { Host: host } } }),
  );
  return id;
}

const socketOf = (name: string): Candidate => ({
  source: name,
  host: `unix://${join(home, name)}`,
  chosen: false,
});

describe('where an engine is looked for', () => {
  it('takes DOCKER_HOST alone', () => {
    context('colima', 'unix:///colima.sock');
    const found = candidates({ ...env, DOCKER_HOST: 'tcp://10.0.0.2:2376', DOCKER_CONTEXT: 'colima' });
    expect(found).toEqual([{ source: 'DOCKER_HOST', host: 'tcp://10.0.0.2:2376', chosen: true }]);
  });

  it('takes the keys for DOCKER_HOST from DOCKER_CERT_PATH when TLS is asked for', () => {
    const found = candidates({
      ...env,
      DOCKER_HOST: 'tcp://h:2376',
      DOCKER_TLS_VERIFY: '1',
      DOCKER_CERT_PATH: '/keys',
    });
    expect(found[0]?.certPath).toBe('/keys');
  });

  it('reads the current context and its keys', () => {
    const id = context('lab', 'tcp://10.0.0.3:2376');
    writeFileSync(join(home, '.docker/config.json'), '{"currentContext":"lab"}');
    const keys = join(home, '.docker/contexts/tls', id, 'docker');
    mkdirSync(keys, { recursive: true });
    writeFileSync(join(keys, 'ca.pem'), '');
    expect(candidates(env)).toEqual([
      { source: 'the docker context "lab"', host: 'tcp://10.0.0.3:2376', certPath: keys, chosen: true },
    ]);
  });

  it('prefers DOCKER_CONTEXT to the current context', () => {
    context('one', 'unix:///one.sock');
    context('two', 'unix:///two.sock');
    writeFileSync(join(home, '.docker/config.json'), '{"currentContext":"one"}');
    expect(candidates({ ...env, DOCKER_CONTEXT: 'two' })[0]?.host).toBe('unix:///two.sock');
  });

  it('says that a chosen context does not exist', () => {
    expect(() => candidates({ ...env, DOCKER_CONTEXT: 'gone' })).toThrow(
      /context "gone" is chosen, but it cannot be read/,
    );
  });

  it('looks at the default socket first, the managed engine last', () => {
    const hosts = candidates({ ...env, DOCKER_CONTEXT: 'default', XDG_RUNTIME_DIR: '/xdg' }).map(
      (one) => one.host,
    );
    expect(hosts[0]).toBe('unix:///var/run/docker.sock');
    expect(hosts[1]).toBe('unix:///xdg/docker.sock');
    expect(hosts.at(-1)).toBe(`unix://${join(home, 'managed/run/docker.sock')}`);
  });
});

describe('dialling', () => {
  it('takes the first engine that answers and tells what was tried before', async () => {
    const { host, socket } = await play();
    const { engine, tried } = await firstUsable([socketOf('none.sock'), socketOf('docker.sock')], env);
    expect(engine).toEqual({
      kind: 'own',
      host,
      version: '26.1.5',
      apiVersion: '1.45',
      os: 'linux',
      arch: 'x86_64',
      memoryBytes: 8e9,
      cpus: 4,
      rootless: true,
      storageDriver: 'overlay2',
      composeVersion: '2.29.7',
      buildx: '0.17.1',
      docker: join(home, 'bin/docker'),
      compose: [join(home, '.docker/cli-plugins/docker-compose')],
      socketPath: socket,
      env: { DOCKER_HOST: host },
    });
    expect(tried).toEqual([
      { source: 'none.sock', host: `unix://${home}/none.sock`, problem: 'there is no such socket' },
    ]);
  });

  it('does not take a file for an engine', async () => {
    writeFileSync(join(home, 'stale.sock'), '');
    const { engine, tried } = await firstUsable([socketOf('stale.sock')], env);
    expect(engine).toBeUndefined();
    expect(tried[0]?.problem).toBe('nothing listens there');
  });

  it('gives up on an engine that accepts and says nothing', async () => {
    const { host } = await play({ answers: false });
    await expect(dial(host, { timeoutMs: 200 })).rejects.toThrow('no answer in 0.2 s');
  });

  it('does not look elsewhere when the chosen engine is silent', async () => {
    await play();
    const wanted = findEngine(undefined, {
      ...env,
      DOCKER_HOST: `unix://${home}/other.sock`,
      XDG_RUNTIME_DIR: home,
    });
    await expect(wanted).rejects.toMatchObject({
      code: 'ENGINE_NOT_FOUND',
      message: `DOCKER_HOST points to unix://${home}/other.sock, but no Docker Engine answers there: there is no such socket.`,
    });
  });

  it('keeps a password in DOCKER_HOST to itself', async () => {
    const error = await findEngine(undefined, { ...env, DOCKER_HOST: 'tcp://me:s3cret@127.0.0.1:1' }).catch(
      (e: unknown) => e,
    );
    expect(String(error)).toContain('tcp://***@127.0.0.1:1');
    expect(JSON.stringify(error) + String(error)).not.toContain('s3cret');
  });

  it('says which version is too old and which is needed', async () => {
    const { host } = await play({ version: '20.10.24', apiVersion: '1.41' });
    await expect(findEngine(undefined, { ...env, DOCKER_HOST: host })).rejects.toMatchObject({
      code: 'ENGINE_TOO_OLD',
      message: expect.stringContaining('is 20.10.24 (API 1.41); gather needs 25.0 (API 1.44) or newer'),
    });
  });

  it('goes on to the next socket when one is too old', async () => {
    await play({ version: '20.10.24', apiVersion: '1.41', name: 'old.sock' });
    const { host } = await play();
    const { engine, tried } = await firstUsable([socketOf('old.sock'), socketOf('docker.sock')], env);
    expect(engine?.host).toBe(host);
    expect(tried[0]?.problem).toContain('20.10.24');
  });

  it('refuses Windows containers', async () => {
    const { host } = await play({ os: 'windows' });
    await expect(findEngine(undefined, { ...env, DOCKER_HOST: host })).rejects.toMatchObject({
      code: 'ENGINE_UNSUPPORTED',
    });
  });

  it('knows the managed engine by its socket', async () => {
    mkdirSync(join(home, 'managed/run'), { recursive: true });
    program('managed/prefix/usr/bin/docker', 'Docker version 26.1.5');
    program('managed/prefix/usr/libexec/docker/cli-plugins/docker-compose', '2.26.1-4');
    const played = await playEngine(join(home, 'managed/run'));
    engines.push(played);
    const { engine } = await findEngine(undefined, { ...env, DOCKER_HOST: played.host });
    expect(engine).toMatchObject({ kind: 'managed', composeVersion: '2.26.1' });
    expect(engine?.buildx).toBeUndefined();
    expect(engine?.docker).toBe(join(home, 'managed/prefix/usr/bin/docker'));
    expect(engine?.env.PATH?.startsWith(join(home, 'managed/prefix/usr/bin'))).toBe(true);
  });

  it('asks for membership in the docker group when the socket is not ours to open', () => {
    const tried = [
      { source: 'the default socket', host: 'unix:///var/run/docker.sock', problem: 'permission denied' },
    ];
    expect(engineNotFound(tried).hints[0]).toContain('usermod -aG docker');
  });
});

describe('tools', () => {
  it('refuses an old Compose', async () => {
    const { host } = await play();
    program('.docker/cli-plugins/docker-compose', '2.10.2');
    await expect(findEngine(undefined, { ...env, DOCKER_HOST: host })).rejects.toMatchObject({
      code: 'ENGINE_TOO_OLD',
      message: 'Docker Compose 2.10.2 is too old: gather needs 2.23.1 or newer.',
    });
  });

  it('leaves it to docker to find a Compose that only docker knows of', async () => {
    const { host } = await play();
    rmSync(join(home, '.docker/cli-plugins/docker-compose'));
    writeFileSync(join(home, 'bin/docker'), '#!/bin/sh\n[ "$1" = compose ] && echo 2.29.7\n');
    const { engine } = await findEngine(undefined, { ...env, DOCKER_HOST: host });
    expect(engine).toMatchObject({
      composeVersion: '2.29.7',
      compose: [join(home, 'bin/docker'), 'compose'],
    });
  });

  it('makes a plugin of a standalone docker-compose', async () => {
    const { host } = await play();
    rmSync(join(home, '.docker/cli-plugins/docker-compose'));
    writeFileSync(join(home, 'bin/docker'), '#!/bin/sh\nexit 1\n');
    program('bin/docker-compose', 'v2.30.0');
    const { engine } = await findEngine(undefined, { ...env, DOCKER_HOST: host });
    const folder = engine?.env.DOCKER_CONFIG ?? '';
    expect(engine).toMatchObject({ composeVersion: '2.30.0', compose: [join(home, 'bin/docker-compose')] });
    expect(readlinkSync(join(folder, 'cli-plugins/docker-compose'))).toBe(join(home, 'bin/docker-compose'));
    expect(readlinkSync(join(folder, 'cli-plugins/docker-buildx'))).toContain(
      '.docker/cli-plugins/docker-buildx',
    );
    expect(readlinkSync(join(folder, 'config.json'))).toBe(join(home, '.docker/config.json'));
    expect(existsSync(join(home, '.docker/config.json'))).toBe(false);
  });

  it("fills in for a missing Compose with the managed engine's", async () => {
    const { host } = await play();
    rmSync(join(home, '.docker/cli-plugins/docker-compose'));
    writeFileSync(join(home, 'bin/docker'), '#!/bin/sh\nexit 1\n');
    program('managed/prefix/usr/libexec/docker/cli-plugins/docker-compose', '2.26.1-4');
    const { engine } = await findEngine(undefined, { ...env, DOCKER_HOST: host });
    expect(engine).toMatchObject({ kind: 'own', composeVersion: '2.26.1', docker: join(home, 'bin/docker') });
  });
});

it('compares versions by number', () => {
  expect(isOlder('2.9.0', '2.23.1')).toBe(true);
  expect(isOlder('v2.23.1-desktop.1', '2.23.1')).toBe(false);
  expect(isOlder('26.1.5+dfsg1', '25.0')).toBe(false);
});

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Stack } from '../../../src/engine/compose.js';
import { GatherError } from '../../../src/output/errors.js';
import type { Event } from '../../../src/output/events.js';
import type { Wanted } from '../../../src/stack/observe/wanted.js';
import { type BootTimes, boot } from '../../../src/stack/up/boot.js';
import type { ComposeUp } from '../../../src/stack/up/compose-up.js';
import { ownBlueprint } from '../../catalog/play-catalog.js';
import { type PlayClock, playClock } from '../../play-clock.js';
import { PLAY_ENGINE } from '../../unit-engine/play-engine.js';
import { PlayDocker } from '../play-docker.js';
import { playProject } from '../play-project.js';

/** web waits for database; who asks web is told whether its parts work. */
const WANTED: Wanted = {
  dependsOn: { database: [], web: ['database'] },
  oneShots: new Set(),
  idle: new Set(),
  replicas: { database: 1, web: 1 },
  profiles: [],
  reserved: {},
  images: {},
  ports: {},
  networks: {},
  probes: [{ service: 'web', command: ['ask'], says: 'web takes questions' }],
};
const SECRET = 'hunter2hunter2';
// Airflow runs as the user who made the folder
const ENV = `COMPOSE_PROJECT_NAME=play\nPG_PASS=${SECRET}\nAIRFLOW_UID=${process.getuid?.() ?? 0}\n`;

let clock: PlayClock;
let docker: PlayDocker;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gather-boot-'));
  mkdirSync(join(folder, 'logs'));
  for (const file of [
    'postgres/init.sql',
    'proxy/nginx.conf',
    'proxy/page/index.html',
    'proxy/page/parts.json',
  ]) {
    mkdirSync(join(folder, dirname(file)), { recursive: true });
    writeFileSync(join(folder, file), '');
  }
  clock = playClock();
  docker = new PlayDocker();
  docker.answer = () => ({});
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Compose, which does what the test says, and ends when it says so. */
class PlayCompose implements ComposeUp {
  endedAt: number | undefined;
  error: GatherError | undefined;
  isStopped = false;
  end: () => void = () => {};
  readonly ended = new Promise<void>((resolve) => {
    this.end = () => {
      this.endedAt = Date.now();
      resolve();
    };
  });

  /** Compose has said this, and given up. */
  fail(message: string): void {
    this.error = new GatherError('STACK_UNHEALTHY', message);
    this.end();
  }
}

/** A boot on its way. */
function booting({ timeout = 120, wanted = WANTED } = {}) {
  const events: Event[] = [];
  const compose = new PlayCompose();
  const interrupt = new AbortController();
  const stack: Stack = {
    engine: PLAY_ENGINE,
    project: playProject(ENV, folder),
    profiles: [],
    signal: interrupt.signal,
  };
  const ended = boot(
    {
      stack,
      docker: docker.client,
      blueprint: ownBlueprint(),
      wanted,
      report: { event: (event) => void events.push(event), close: () => {} },
      timeout,
      signal: interrupt.signal,
    },
    (_stack, _clean, signal) => {
      signal.addEventListener('abort', () => {
        compose.isStopped = true;
        compose.end();
      });
      return compose;
    },
  );
  const outcome: { times?: BootTimes; error?: GatherError } = {};
  ended.then(
    (times) => Object.assign(outcome, { times }),
    (error) => Object.assign(outcome, { error }),
  );
  const said = (type: Event['type']) => events.filter((event) => event.type === type);
  /** Lets the boot go on until it has ended. Returns how many seconds that took. */
  const end = async () => {
    const passed = await clock.until(() => expect(Object.keys(outcome)).toHaveLength(1));
    // whatever has happened, nobody is left behind
    expect(compose.isStopped).toBe(true);
    return { ...outcome, passed: passed / 1000 };
  };
  return { compose, interrupt, said, end };
}

/** Both services as Compose brings them up. */
function bringUp(health?: 'starting'): { database: string; web: string } {
  const [database, web] = [docker.create('database'), docker.create('web')];
  docker.start(database, 'healthy');
  docker.start(web, health ?? 'healthy');
  return { database, web };
}

describe('a boot', () => {
  test('ends when Compose has, every container is settled and every probe passes, and says how long that took', async () => {
    const { compose, said, end } = booting();
    await clock.pass(1000);
    const { web } = bringUp('starting');
    await clock.pass(2000);
    docker.health(web, 'healthy');
    await clock.pass(500);
    expect(said('phase-done')).toEqual([]);
    compose.end();
    const { times } = await end();
    expect(times?.services).toBeGreaterThanOrEqual(3.5);
    expect(times?.services).toBeLessThanOrEqual(4);
    expect(times?.probes).toBeLessThan(0.5);
    expect(said('phase-done')).toMatchObject([
      { phase: 'services', text: '2 containers run' },
      { phase: 'probes', text: 'every part answers' },
    ]);
    expect(said('probe')).toMatchObject([{ service: 'web', says: 'web takes questions', passed: true }]);
  });

  test('waits for a part that Docker calls healthy and that does not answer yet', async () => {
    docker.answer = () => ({ exitCode: 1 });
    const { compose, end } = booting();
    bringUp();
    compose.end();
    await clock.pass(5000);
    docker.answer = () => ({});
    const { times } = await end();
    expect(times?.probes).toBeGreaterThan(4);
  });

  test('mends first what Compose would leave as it is', async () => {
    const id = docker.create('web');
    docker.start(id, 'healthy');
    docker.pause(id);
    const { compose, said, end } = booting();
    await clock.pass(100);
    docker.start(docker.create('database'), 'healthy');
    compose.end();
    expect((await end()).times).toBeDefined();
    expect(said('note')).toEqual([{ type: 'note', text: 'web-1 was paused, and is restarted' }]);
  });
});

describe('a boot fails', () => {
  test('as soon as a container ends: with its exit code, its last lines without secrets, and who waits for it', async () => {
    const { end } = booting();
    await clock.pass(100);
    const database = docker.create('database', { log: `starting\nno access with ${SECRET}` });
    docker.create('web');
    docker.start(database);
    docker.die(database, 3);
    const { error, passed } = await end();
    expect(passed).toBeLessThan(2);
    expect(error).toMatchObject({
      code: 'STACK_UNHEALTHY',
      exitCode: 4,
      message: 'database-1 ended with exit code 3',
      details: ['waiting for it: web', 'its last lines:', '| starting', '| no access with ***'],
      hints: ['gather logs database', 'gather restart database'],
    });
    // everything is left as it is
    expect(docker.containers.map(({ state }) => state)).toEqual(['exited', 'created']);
  });

  test('with what Compose says, once a container behind it had the time to be seen', async () => {
    const { compose, end } = booting();
    await clock.pass(100);
    compose.fail('docker compose could not start the stack');
    const { error, passed } = await end();
    expect(error?.message).toBe('docker compose could not start the stack');
    expect(passed).toBeGreaterThanOrEqual(1.5);
  });

  test('with the container behind what Compose says, where there is one', async () => {
    const { compose, end } = booting();
    await clock.pass(100);
    const database = docker.create('database');
    docker.start(database);
    compose.fail('dependency failed to start');
    docker.die(database, 1);
    expect((await end()).error?.message).toBe('database-1 ended with exit code 1');
  });

  test('with the owner of a port that somebody took meanwhile', async () => {
    const port = { service: 'web', address: '127.0.0.1', port: 47390, target: 8080, variable: undefined };
    docker.create('theirs', { project: 'other', ports: [47390] });
    const { end } = booting({ wanted: { ...WANTED, ports: { web: [port] } } });
    await clock.pass(100);
    docker.failToStart(docker.create('web'), 'driver failed: port is already allocated');
    const { error } = await end();
    expect(error?.code).toBe('PREFLIGHT_FAILED');
    expect(error?.details).toEqual([
      'port 47390, which web wants, is held by service theirs of the stack other in /home/me/other',
    ]);
  });

  test('with what the engine says of a container that it cannot start', async () => {
    const { end } = booting();
    await clock.pass(100);
    docker.failToStart(docker.create('web'), 'exec format error');
    const { error } = await end();
    expect(error?.message).toBe(
      'web-1 could not be started: the image was made for another processor architecture',
    );
  });

  test('at the end of its time, with what each container does and says; all goes on', async () => {
    const { end } = booting({ timeout: 30 });
    await clock.pass(100);
    const database = docker.create('database');
    docker.start(database, 'healthy');
    const web = docker.create('web', { log: `hello\nwaiting for ${SECRET}` });
    docker.start(web, 'starting');
    const { error, passed } = await end();
    expect(passed).toBeGreaterThan(29);
    expect(passed).toBeLessThan(31);
    expect(error).toMatchObject({
      code: 'STACK_UNHEALTHY',
      message: 'the stack is not usable after 30 s; everything is left running',
      details: ['web-1 is starting: waiting for ***'],
      hints: ['gather status', 'gather up --timeout 60 waits on'],
    });
  });

  test('when a part is silent for a minute that Docker calls healthy: it is frozen, not slow', async () => {
    docker.answer = () => ({ exitCode: 1, stdout: `no: ${SECRET}` });
    const { compose, end } = booting();
    bringUp();
    compose.end();
    const { error, passed } = await end();
    expect(passed).toBeGreaterThan(59);
    expect(passed).toBeLessThan(62);
    expect(error).toMatchObject({
      code: 'STACK_UNHEALTHY',
      message: 'web: runs, but does not do its work',
      details: ['web: not "web takes questions": no: ***'],
      hints: ['gather restart web', 'gather status', 'gather logs web'],
    });
  });

  test('when Compose is through and leaves a container that goes round and round since before', async () => {
    const web = docker.create('web');
    docker.start(web);
    docker.restarting(web, 2);
    const { compose, end } = booting();
    await clock.pass(100);
    docker.start(docker.create('database'), 'healthy');
    compose.end();
    expect((await end()).error).toMatchObject({
      code: 'STACK_UNHEALTHY',
      message: 'web-1 ended with exit code 2',
    });
  });

  test('when Compose is through and leaves one that is unhealthy since before', async () => {
    const { compose, end } = booting();
    const { web } = bringUp();
    await clock.pass(1000);
    docker.sickensUnheard(web);
    compose.end();
    expect((await end()).error?.message).toBe('web-1 runs, but its health check fails');
  });

  test('when the engine goes away', async () => {
    const { end } = booting();
    await clock.pass(100);
    docker.goAway();
    expect((await end()).error).toMatchObject({
      code: 'ENGINE_FAILED',
      exitCode: 4,
      message: 'the Docker Engine has gone away',
      hints: ['gather engine status', 'gather up goes on from here'],
    });
  });

  test('at once after Ctrl-C; what runs goes on', async () => {
    const { interrupt, end } = booting();
    await clock.pass(100);
    bringUp('starting');
    interrupt.abort();
    const { error, passed } = await end();
    expect(passed).toBeLessThan(1);
    expect(error).toMatchObject({ code: 'CANCELLED', exitCode: 130 });
    expect(docker.containers.map(({ state }) => state)).toEqual(['running', 'running']);
  });
});

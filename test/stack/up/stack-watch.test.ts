import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { Event } from '../../../src/output/events.js';
import type { Wanted } from '../../../src/stack/observe/wanted.js';
import { StackWatch } from '../../../src/stack/up/stack-watch.js';
import { type PlayClock, playClock } from '../../play-clock.js';
import { PlayDocker } from '../play-docker.js';

/** web waits for init, which ends, and init for database. */
const WANTED: Wanted = {
  dependsOn: { database: [], init: ['database'], web: ['init'], cli: [] },
  oneShots: new Set(['init']),
  idle: new Set(['cli']),
  replicas: {},
  reserved: {},
  images: {},
  profiles: [],
  ports: {},
  networks: {},
  probes: [],
};

async function watching(docker = new PlayDocker()) {
  const events: Event[] = [];
  const report = { event: (event: Event) => void events.push(event), close: () => {} };
  const watch = await StackWatch.start(docker.client, docker.project, report, WANTED);
  onTestFinished(() => watch.stop());
  const said = () =>
    events.flatMap((event) =>
      event.type === 'service'
        ? [`${event.container} ${event.state}${event.waitsFor ? ` waits for ${event.waitsFor}` : ''}`]
        : [],
    );
  return { docker, watch, said };
}
let clock: PlayClock;
beforeEach(() => {
  clock = playClock();
});
const until = (check: () => unknown, ms = 2000) => clock.until(check, ms);
/** Waits for a change, and lets the time for it pass. */
const waitFor = (watch: StackWatch, ms: number) => Promise.all([watch.next(ms), clock.pass(ms)]);

describe('a stack that comes up', () => {
  test('is told of step by step, and is settled when every container is as it is to be', async () => {
    const { docker, watch, said } = await watching();
    expect(watch.settled()).toBe(false);
    const [database, init, web] = ['database', 'init', 'web'].map((name) => docker.create(name)) as [
      string,
      string,
      string,
    ];
    await until(() => expect(said()).toContain('web-1 created waits for init'));
    docker.start(database, 'starting');
    await until(() => expect(said()).toContain('database-1 starting'));
    docker.health(database, 'healthy');
    docker.start(init);
    await until(() => expect(said()).toContain('init-1 running'));
    docker.die(init, 0);
    docker.start(web, 'healthy');
    await until(() => expect(watch.settled()).toBe(true));
    expect(watch.verdict()).toBeUndefined();
    expect(said()).toContain('init-1 done');
    // each state once, however many events there are
    expect(new Set(said()).size).toBe(said().length);
  });

  test('is told of from what is there when the watch begins', async () => {
    const docker = new PlayDocker();
    docker.start(docker.create('database'), 'starting');
    const { said } = await watching(docker);
    expect(said()).toEqual(['database-1 starting']);
  });

  test('may arrive in pieces of lines', async () => {
    const { docker, watch } = await watching();
    const id = docker.create('web');
    const line = JSON.stringify({
      Type: 'container',
      Action: 'die',
      Actor: { ID: id, Attributes: { exitCode: '3' } },
    });
    docker.events.write(line.slice(0, 30));
    docker.events.write(`${line.slice(30)}\n`);
    await until(() => expect(watch.verdict()).toMatchObject({ exitCode: 3 }));
  });
});

describe('a container that goes wrong', () => {
  test('by ending is the verdict, with its exit code and who waits for it', async () => {
    const { docker, watch } = await watching();
    const ids = ['database', 'init', 'web'].map((name) => docker.create(name));
    docker.start(ids[0] ?? '');
    docker.die(ids[0] ?? '', 1);
    await until(() =>
      expect(watch.verdict()).toMatchObject({
        reason: 'exited',
        exitCode: 1,
        container: { label: 'database-1' },
      }),
    );
    expect(watch.waitingFor('database')).toEqual(['init', 'web']);
  });

  test('by ending well is one, too, unless it is a one-shot', async () => {
    const { docker, watch } = await watching();
    const [init, web] = [docker.create('init'), docker.create('web')];
    docker.start(init);
    docker.die(init, 0);
    docker.start(web);
    await until(() => expect(watch.current().map((one) => one.state)).toEqual(['done', 'running']));
    expect(watch.verdict()).toBeUndefined();
    docker.die(web, 0);
    await until(() => expect(watch.verdict()).toMatchObject({ container: { service: 'web' }, exitCode: 0 }));
  });

  test('by a one-shot that fails is the verdict', async () => {
    const { docker, watch } = await watching();
    const init = docker.create('init');
    docker.start(init);
    docker.die(init, 2);
    await until(() => expect(watch.verdict()).toMatchObject({ container: { service: 'init' }, exitCode: 2 }));
  });

  test('for want of memory is told from one that ends by itself', async () => {
    const { docker, watch } = await watching();
    const web = docker.create('web');
    docker.start(web);
    docker.die(web, 137, { oom: true });
    await until(() => expect(watch.verdict()).toMatchObject({ reason: 'out of memory', exitCode: 137 }));
  });

  test('by its health check is the verdict', async () => {
    const { docker, watch } = await watching();
    const web = docker.create('web');
    docker.start(web, 'starting');
    docker.health(web, 'unhealthy');
    await until(() =>
      expect(watch.verdict()).toMatchObject({ reason: 'unhealthy', container: { state: 'unhealthy' } }),
    );
  });

  test('by never having been started is the verdict, though no event tells of it', async () => {
    const docker = new PlayDocker();
    docker.failToStart(docker.create('database'), 'of an earlier boot');
    const { watch } = await watching(docker);
    const web = docker.create('web');
    docker.failToStart(web, 'port is already allocated');
    await waitFor(watch, 5);
    expect(watch.verdict()).toBeUndefined();
    const passed = await until(() => {
      void watch.next(20);
      expect(watch.verdict()).toMatchObject({
        reason: 'not started',
        said: 'port is already allocated',
        container: { service: 'web' },
      });
    }, 4000);
    expect(passed).toBeGreaterThanOrEqual(1000);
  });

  test('first is the one that counts', async () => {
    const { docker, watch } = await watching();
    const [database, web] = [docker.create('database'), docker.create('web')];
    docker.start(database);
    docker.start(web);
    docker.die(database, 1);
    await until(() => expect(watch.verdict()).toBeDefined());
    docker.die(web, 2);
    await until(() => expect(watch.current().every((one) => one.state === 'exited')).toBe(true));
    expect(watch.verdict()).toMatchObject({ container: { service: 'database' } });
  });
});

test('a health check counts from when it passes until it fails or the container ends', async () => {
  const docker = new PlayDocker();
  const before = docker.create('database');
  docker.start(before, 'healthy');
  const { watch } = await watching(docker);
  const [web, worker] = [docker.create('web'), docker.create('worker')];
  for (const id of [web, worker]) docker.start(id, 'starting');
  docker.health(web, 'healthy');
  docker.health(worker, 'healthy');
  await until(() => expect([...watch.checked]).toEqual([web, worker]));
  docker.health(web, 'unhealthy');
  docker.die(worker, 0);
  await until(() => expect([...watch.checked]).toEqual([]));
  docker.start(worker, 'starting');
  docker.health(worker, 'healthy');
  await until(() => expect([...watch.checked]).toEqual([worker]));
});

describe('of several that go wrong', () => {
  test('the root is named, however late it is told of', async () => {
    const { docker, watch } = await watching();
    const [database, init, web] = ['database', 'init', 'web'].map((name) => docker.create(name)) as [
      string,
      string,
      string,
    ];
    for (const id of [database, init, web]) docker.start(id, id === init ? undefined : 'starting');
    docker.die(web, 1);
    docker.die(init, 1);
    await until(() =>
      expect(watch.current().map((one) => one.state)).toEqual(['starting', 'exited', 'exited']),
    );
    expect(watch.verdict()).toBeUndefined();
    docker.die(database, 2);
    await until(() =>
      expect(watch.verdict()).toMatchObject({ container: { service: 'database' }, exitCode: 2 }),
    );
  });

  test('the one that somebody killed for good counts, too', async () => {
    const { docker, watch } = await watching();
    const [database, web] = [docker.create('database'), docker.create('web')];
    docker.start(database, 'healthy');
    docker.start(web, 'starting');
    docker.kill(database);
    docker.die(web, 1);
    await until(() => expect(watch.verdict()).toMatchObject({ container: { service: 'database' } }));
  });

  test('one alone that was killed is waited for no longer than two seconds', async () => {
    const { docker, watch } = await watching();
    const database = docker.create('database');
    docker.start(database, 'healthy');
    docker.kill(database);
    const passed = await until(() =>
      expect(watch.verdict()).toMatchObject({ container: { service: 'database' }, exitCode: 143 }),
    );
    expect(passed).toBeGreaterThan(1000);
  });
});

test('Compose replacing a container is no failure; the new one failing is', async () => {
  const { docker, watch, said } = await watching();
  const old = docker.create('web');
  docker.start(old, 'healthy');
  docker.kill(old);
  docker.remove(old);
  const fresh = docker.create('web');
  docker.start(fresh, 'healthy');
  await until(() => expect(watch.settled()).toBe(true));
  await until(() => expect(said()).toContain('web-1 healthy'));
  expect(watch.verdict()).toBeUndefined();
  docker.die(fresh, 1);
  await until(() => expect(watch.verdict()).toMatchObject({ exitCode: 1 }));
});

test('a container that was stopped and started again counts again', async () => {
  const { docker, watch } = await watching();
  const web = docker.create('web');
  docker.start(web);
  docker.kill(web);
  docker.start(web);
  docker.die(web, 5);
  await until(() => expect(watch.verdict()).toMatchObject({ exitCode: 5 }));
});

test('the engine going away ends the wait', async () => {
  const { docker, watch } = await watching();
  docker.goAway();
  await until(() => expect(() => watch.verdict()).toThrow('the Docker Engine has gone away'));
});

test('waiting ends at a change, or when its time is up', async () => {
  const { docker, watch } = await watching();
  const change = watch.next(60_000);
  docker.create('web');
  await change;
  expect(watch.current().map((one) => one.service)).toEqual(['web']);
  await waitFor(watch, 1);
});

test('who stops waiting takes no change from who waits next', async () => {
  const { docker, watch } = await watching();
  void watch.next(20);
  const second = watch.next(60_000);
  await clock.pass(20);
  await second;
  const change = watch.next(60_000);
  docker.create('web');
  await change;
});

test('what changes without an event is seen when the time is up', async () => {
  const { docker, watch } = await watching();
  const id = docker.create('web');
  docker.start(id, 'healthy');
  await until(() => expect(watch.settled()).toBe(true));
  docker.containers.splice(0);
  await waitFor(watch, 1);
  expect(watch.current()).toEqual([]);
});

test("other stacks' containers are none of its business", async () => {
  const { docker, watch } = await watching();
  docker.create('web', { project: 'other' });
  docker.create('database');
  await until(() => expect(watch.current().map((one) => one.service)).toEqual(['database']));
});

test('a container of a profile that is not in use may stop, or wait, as it likes', async () => {
  const { docker, watch } = await watching();
  docker.start(docker.create('web'), 'healthy');
  const cli = docker.create('cli');
  await until(() => expect(watch.settled()).toBe(true));
  docker.start(cli);
  await until(() => expect(watch.current().map((one) => one.service)).toEqual(['cli', 'web']));
  docker.die(cli, 1);
  await until(() => expect(watch.current().map((one) => one.service)).toEqual(['web']));
  expect(watch.verdict()).toBeUndefined();
});

test('a one-shot that only compose.override.yaml knows may end well, and is a root to those that wait for it', async () => {
  const { docker, watch } = await watching();
  const seed = docker.create('seed', { restart: 'no' });
  docker.start(seed);
  docker.die(seed, 0);
  await until(() => expect(watch.settled()).toBe(true));
  expect(watch.verdict()).toBeUndefined();

  const load = docker.create('load', { restart: 'no' });
  const report = docker.create('report', { waitsFor: 'load:service_completed_successfully:false' });
  docker.start(load);
  docker.start(report);
  docker.die(report, 1);
  docker.die(load, 2);
  await until(() => expect(watch.verdict()).toMatchObject({ container: { service: 'load' }, exitCode: 2 }));
  expect(watch.waitingFor('load')).toEqual(['report']);
});

test.each(['half a line', '{"Action":"die"}', 'null'])(
  'an engine that tells %s instead of an event ends the watch',
  async (line) => {
    const { docker, watch } = await watching();
    docker.events.write(`${line}\n`);
    await until(() => expect(() => watch.verdict()).toThrow('the Docker Engine has gone away: what it says'));
  },
);

test('an engine that no longer answers ends the watch, as that', async () => {
  const { docker, watch } = await watching();
  docker.freeze(new Error('no answer within 8 s'));
  docker.create('web');
  await until(() =>
    expect(() => watch.verdict()).toThrow('the Docker Engine does not answer: no answer within 8 s'),
  );
});

test('what an earlier boot left behind may end until Compose has replaced it', async () => {
  const docker = new PlayDocker();
  const old = docker.create('web');
  docker.start(old);
  const { watch } = await watching(docker);
  docker.die(old, 1);
  await until(() => expect(watch.current()).toMatchObject([{ state: 'exited' }]));
  expect(watch.verdict()).toBeUndefined();
  // Compose is through, and has not replaced it
  await until(() => expect(watch.verdict(true)).toMatchObject({ exitCode: 1 }));
  expect(watch.verdict()).toBeUndefined();
  await until(() => expect(watch.verdict()).toMatchObject({ exitCode: 1 }), 5000);
  docker.remove(old);
  docker.start(docker.create('web'), 'healthy');
  await until(() => expect(watch.settled()).toBe(true));
  expect(watch.verdict()).toBeUndefined();
});

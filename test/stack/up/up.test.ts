import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { PROJECT_ID } from '../../../src/project/project.js';
import { readBootRecord } from '../../../src/stack/up/boot-record.js';
import { up } from '../../../src/stack/up/up.js';
import { PlayStack } from '../play-stack.js';

/** `gather up` in the folder of a played stack. */
function bringUp(played: PlayStack, { profiles = [] as string[], timeout = 30 } = {}) {
  const { home, output, signal } = played.context();
  const engine = async () => played.engine;
  return up({
    open: played.open(),
    home,
    engine,
    engineIsSlow: false,
    profiles,
    without: { components: [], services: [], missing: [] },
    timeout,
    report: output,
    signal,
    agree: async () => false,
  });
}
const UP = 'up --detach --no-build --remove-orphans --quiet-pull';

describe('a stack that does not run', () => {
  test('comes up: with volumes that say whose they are, links, the login, and where the time went', async () => {
    const played = await PlayStack.start();
    const report = await bringUp(played);
    const { env } = played.open().project;
    const port = env.get('AIRFLOW_WEB_PORT');
    expect(report).toMatchObject({
      stack: 'play',
      folder: played.folder,
      changed: true,
      links: { Airflow: `http://localhost:${env.get('PROXY_PORT')}/` },
      login: { username: 'airflow_user', passwordVariable: '_AIRFLOW_WWW_USER_PASSWORD' },
      boot: { usable: true, airflow: '2.11.2' },
    });
    expect(JSON.stringify(report.links)).not.toContain(port);
    expect(Object.keys(report.seconds)).toEqual(['engine', 'preflight', 'images', 'services', 'probes']);
    expect(played.asked).toEqual([UP]);
    expect(played.docker.volumes.map(({ Name, Labels }) => [Name, Labels['gather.project']])).toEqual([
      ['play_postgres-data', env.get(PROJECT_ID)],
    ]);
    expect(readBootRecord(played.folder)).toEqual(report.boot);
    expect(JSON.parse(played.read('.gather/versions.json'))).toMatchObject({
      versions: { AIRFLOW_IMAGE: '2.11.2' },
    });
  });

  test('with a profile has its services and its link, too', async () => {
    const played = await PlayStack.start();
    played.onUp = () => played.comeUp(['flower']);
    const { links } = await bringUp(played, { profiles: ['flower'] });
    expect(played.asked).toEqual([`--profile flower ${UP}`]);
    expect(played.docker.containers.map(({ service }) => service)).toContain('flower');
    expect(Object.keys(links)).toContain('Flower');
  });

  test('and that does not come up is told with its reason; the times so far are kept', async () => {
    const played = await PlayStack.start();
    played.onUp = () => {
      const id = played.docker.create('redis', { log: 'bad directive' });
      played.docker.start(id);
      played.docker.die(id, 1);
      return { exitCode: 1, said: 'dependency redis failed to start' };
    };
    await expect(bringUp(played)).rejects.toMatchObject({
      code: 'STACK_UNHEALTHY',
      message: 'redis-1 ended with exit code 1',
      details: expect.arrayContaining(['| bad directive']),
    });
    expect(readBootRecord(played.folder)).toMatchObject({
      usable: false,
      containers: [{ service: 'redis', state: 'exited' }],
    });
  });

  test('is not started over that of another folder', async () => {
    const played = await PlayStack.start();
    const other = await PlayStack.start();
    played.docker.create('redis', { folder: other.folder });
    await expect(bringUp(played)).rejects.toMatchObject({
      code: 'STACK_FOREIGN',
      message: `the stack play belongs to ${other.folder}; this folder has the same name in its .env`,
    });
    expect(played.asked).toEqual([]);
  });

  test('is not started with what the preflight finds', async () => {
    const played = await PlayStack.start();
    const text = played.read('.env').replace(/^(PROXY_PORT|AIRFLOW_WEB_PORT)=.*$/gm, '$1=47391');
    writeFileSync(join(played.folder, '.env'), text);
    await expect(bringUp(played)).rejects.toMatchObject({ code: 'PREFLIGHT_FAILED' });
    expect(played.asked).toEqual([]);
  });

  test('is not started with a profile that no service has', async () => {
    const played = await PlayStack.start();
    await expect(bringUp(played, { profiles: ['flowr'] })).rejects.toMatchObject({
      code: 'USAGE',
      message: 'no service has the profile "flowr"; did you mean "flower"?',
    });
  });

  test('comes up although its times cannot be kept', async () => {
    const played = await PlayStack.start();
    mkdirSync(join(played.folder, '.gather/last-boot.json/in-the-way'), { recursive: true });
    expect((await bringUp(played)).changed).toBe(true);
    expect(played.events).toContainEqual({
      type: 'warning',
      text: expect.stringContaining('the times of this boot are not kept: Cannot write'),
    });
  });
});

describe('a stack that runs', () => {
  const running = async () => {
    const played = await PlayStack.start();
    await bringUp(played);
    played.asked.length = 0;
    return played;
  };

  test('as it is wanted is left alone', async () => {
    const played = await running();
    const before = readBootRecord(played.folder);
    const report = await bringUp(played);
    expect(report).toMatchObject({ changed: false, links: { Airflow: expect.any(String) } });
    expect(Object.keys(report.seconds)).toEqual(['engine', 'check']);
    expect(report.boot).toBeUndefined();
    expect(played.asked).toEqual([]);
    expect(readBootRecord(played.folder)).toEqual(before);
  });

  test('from another compose.yaml is brought up to date', async () => {
    const played = await running();
    played.tellDigests(['redis']);
    expect((await bringUp(played)).changed).toBe(true);
    // the database runs, and is asked for all that anybody wants of it now
    expect(played.asked.map((line) => line.split(' ')[0])).toEqual(['exec', 'up']);
  });

  test('and says so of itself, but does not do its work, is not taken for one that is there', async () => {
    const played = await running();
    let asked = 0;
    const { answer } = played.docker;
    played.docker.answer = (service, command) =>
      service === 'airflow-scheduler' && asked++ === 0 ? { exitCode: 1 } : answer(service, command);
    expect((await bringUp(played)).changed).toBe(true);
    expect(played.asked.at(-1)).toBe(UP);
  });

  test('of an older gather.yaml is rendered anew', async () => {
    const played = await running();
    const manifest = played.read('gather.yaml');
    writeFileSync(join(played.folder, 'gather.yaml'), `${manifest}launcher: fast\n`);
    expect((await bringUp(played)).changed).toBe(true);
    expect(played.events).toContainEqual({
      type: 'note',
      text: expect.stringMatching(/^rendered: compose\.yaml/),
    });
    expect(played.read('compose.yaml')).toContain('fast');
  });
});

describe('two at once', () => {
  /** The first has begun to start the stack, and goes on when it is told to. */
  async function first(played: PlayStack) {
    const begun = bringUp(played);
    begun.catch(() => {});
    played.onUp = () => undefined;
    await vi.waitFor(() => expect(played.asked).toEqual([UP]), { interval: 2, timeout: 5000 });
    const waits = () =>
      vi.waitFor(
        () =>
          expect(played.events).toContainEqual({
            type: 'note',
            text: expect.stringContaining('another gather up'),
          }),
        { interval: 2, timeout: 5000 },
      );
    return { begun, waits };
  }

  test('the second waits, and finds nothing left to do', async () => {
    const played = await PlayStack.start();
    const { begun, waits } = await first(played);
    const second = bringUp(played);
    await waits();
    played.comeUp();
    expect((await begun).changed).toBe(true);
    const { changed, seconds } = await second;
    expect([changed, Object.keys(seconds)]).toEqual([false, ['engine', 'waited']]);
    expect(played.asked).toEqual([UP]);
  });

  test('the second starts the stack itself where the first has failed', async () => {
    const played = await PlayStack.start();
    const { begun, waits } = await first(played);
    const second = bringUp(played);
    await waits();
    played.onUp = () => played.comeUp();
    const id = played.docker.create('redis', { folder: played.folder });
    played.docker.start(id);
    played.docker.die(id, 1);
    await expect(begun).rejects.toMatchObject({ message: 'redis-1 ended with exit code 1' });
    played.docker.remove(id);
    expect((await second).changed).toBe(true);
    expect(played.asked).toEqual([UP, UP]);
  });
});

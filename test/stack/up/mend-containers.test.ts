import { expect, test } from 'vitest';
import type { Event } from '../../../src/output/events.js';
import { listContainers } from '../../../src/stack/observe/containers.js';
import type { Wanted } from '../../../src/stack/observe/wanted.js';
import { revive } from '../../../src/stack/up/mend-containers.js';
import { PlayDocker } from '../play-docker.js';

const WANTED: Wanted = {
  dependsOn: {},
  oneShots: new Set(),
  idle: new Set(),
  replicas: { web: 1, database: 1 },
  profiles: [],
  reserved: {},
  images: {},
  ports: {},
  networks: { web: [{ key: 'inner', name: undefined }] },
  probes: [],
};
const CONNECTED = { play_inner: '10.0.0.2' };

/** What is mended of a stack that looks like this: whether there was anything, and what a person is told. */
async function mended(docker: PlayDocker) {
  const said: string[] = [];
  const event = (event: Event) => void said.push(event.type === 'note' ? event.text : event.type);
  const containers = await listContainers(docker.client, 'play', WANTED);
  const anything = await revive(docker.client, 'play', WANTED, containers, { event, close: () => {} });
  return { anything, said };
}

test('a stack that is well, and what has ended, is left to Compose', async () => {
  const docker = new PlayDocker();
  docker.start(docker.create('web', { networks: CONNECTED }), 'healthy');
  docker.die(docker.create('database'), 1);
  docker.create('database', { number: 2 });
  expect(await mended(docker)).toEqual({ anything: false, said: [] });
  expect(docker.containers.map(({ state }) => state)).toEqual(['running', 'exited', 'created']);
});

test('a paused container is thawed and restarted, an unhealthy one restarted', async () => {
  const docker = new PlayDocker();
  const [web, database] = [docker.create('web', { networks: CONNECTED }), docker.create('database')];
  docker.start(web);
  docker.pause(web);
  docker.start(database);
  docker.health(database, 'unhealthy');
  const { anything, said } = await mended(docker);
  expect(anything).toBe(true);
  expect(said.sort()).toEqual([
    'database-1 was unhealthy, and is restarted',
    'web-1 was paused, and is restarted',
  ]);
  expect(docker.containers.map(({ status }) => status)).toEqual(['Up 1 second', 'Up 1 second']);
});

test('one that was cut from its network is made anew, whatever else ails it', async () => {
  const docker = new PlayDocker();
  const web = docker.create('web');
  docker.start(web);
  docker.health(web, 'unhealthy');
  expect(await mended(docker)).toEqual({
    anything: true,
    said: ['web-1 was cut from a network, and is made anew'],
  });
  expect(docker.containers).toEqual([]);
});

test('one that the engine could not start is made anew, without a word', async () => {
  const docker = new PlayDocker();
  docker.failToStart(docker.create('database'), 'port is already allocated');
  expect(await mended(docker)).toEqual({ anything: true, said: [] });
  expect(docker.containers).toEqual([]);
});

import { expect, test } from 'vitest';
import { containersOf, listContainers } from '../../../src/stack/observe/containers.js';
import { PlayDocker } from '../play-docker.js';
import { PlayStack } from '../play-stack.js';

const none = { oneShots: new Set<string>(), idle: new Set<string>() };

test('a container is as the engine says it in words, with its exit code', async () => {
  const docker = new PlayDocker();
  const states: Record<string, (id: string) => void> = {
    created: () => {},
    running: (id) => docker.start(id),
    starting: (id) => docker.start(id, 'starting'),
    healthy: (id) => docker.start(id, 'healthy'),
    unhealthy: (id) => docker.health(id, 'unhealthy'),
    paused: (id) => docker.pause(id),
    exited: (id) => docker.die(id, 3),
    restarting: (id) => docker.restarting(id, 4),
  };
  for (const [service, bring] of Object.entries(states)) bring(docker.create(service));
  const listed = await listContainers(docker.client, 'play', none);
  expect(Object.fromEntries(listed.map((one) => [one.service, one.state]))).toEqual(
    Object.fromEntries(Object.keys(states).map((state) => [state, state])),
  );
  expect(listed.flatMap(({ exitCode }) => exitCode ?? [])).toEqual([3, 4]);
});

test('what ended well has done its work where it is a one-shot, and has gone wrong where it is to run', async () => {
  const docker = new PlayDocker();
  for (const service of ['init', 'web']) docker.die(docker.create(service), 0);
  docker.die(docker.create('seed', { restart: 'no' }), 0);
  const listed = await listContainers(docker.client, 'play', { ...none, oneShots: new Set(['init']) });
  expect(listed.map(({ service, state }) => `${service} ${state}`)).toEqual([
    'init done',
    'seed done',
    'web exited',
  ]);
});

test('a stack has its containers in the order of their names and numbers, and one that is being removed is missing', async () => {
  const docker = new PlayDocker();
  for (const number of [10, 2, 1]) docker.start(docker.create('worker', { number }));
  docker.start(docker.create('database'));
  docker.create('other', { project: 'another' });
  const [removed] = docker.containers;
  if (removed) removed.state = 'removing';
  const listed = await listContainers(docker.client, 'play', none);
  expect(listed.map(({ label, state }) => `${label} ${state}`)).toEqual([
    'database-1 running',
    'worker-1 running',
    'worker-2 running',
    'worker-10 missing',
  ]);
});

test('a project has all of its containers, also of profiles that are not in use', async () => {
  const played = await PlayStack.start();
  played.comeUp(['flower']);
  const { project } = played.open();
  const all = await containersOf({ engine: played.engine, project, profiles: [], signal: undefined });
  expect(all.map(({ service }) => service)).toContain('flower');
});

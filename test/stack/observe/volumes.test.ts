import { expect, test } from 'vitest';
import { doomedVolumes, volumesOf } from '../../../src/stack/observe/volumes.js';
import { PlayDocker } from '../play-docker.js';
import { playCompose } from './play-compose.js';

/** An engine with these volumes of the stack: name → the id of the project that gather made it for, if it did. */
function engineWith(volumes: Record<string, string | undefined>, stack = 'play') {
  const docker = new PlayDocker();
  for (const [Name, id] of Object.entries(volumes)) {
    const mark = id === undefined ? {} : { 'gather.project': id };
    docker.volumes.push({ Name, Labels: { 'com.docker.compose.project': stack, ...mark }, CreatedAt: '' });
  }
  return docker;
}

test('the volumes of a stack are those under its name, whoever made them', async () => {
  const docker = engineWith({ b: 'mine', a: undefined });
  docker.volumes.push(...engineWith({ c: 'mine' }, 'other').volumes);
  expect((await volumesOf(docker.client, 'play')).sort()).toEqual(['a', 'b']);
});

test('down --volumes deletes what gather made for this project, and leaves what it made for another', async () => {
  const { stack, asked } = await playCompose({});
  const docker = engineWith({ z: 'mine', a: 'mine', b: 'another' });
  expect(await doomedVolumes(docker.client, stack, 'play', 'mine')).toEqual({
    own: ['a', 'z'],
    foreign: ['b'],
  });
  // whose they are is known without Compose
  expect(asked()).toEqual([]);
});

test('of those that nobody has marked it deletes what compose.yaml declares, and leaves the rest', async () => {
  const { stack } = await playCompose({ volumes: { data: { name: 'play_data' } } });
  const docker = engineWith({ play_data: undefined, 'play_old-quick-start': undefined });
  expect(await doomedVolumes(docker.client, stack, 'play', 'mine')).toEqual({
    own: ['play_data'],
    foreign: ['play_old-quick-start'],
  });
});

import { homedir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { mountsOf } from '../../../src/stack/observe/mounts.js';
import { ownBlueprint } from '../../catalog/play-catalog.js';
import { PLAY_ENGINE } from '../../unit-engine/play-engine.js';
import { playProject } from '../play-project.js';
import { playCompose } from './play-compose.js';

const told = async (stack: Parameters<typeof mountsOf>[0], topology?: string) =>
  (await mountsOf(stack, ownBlueprint([], topology))).map(
    ({ service, source, target, isMade, variable = '' }) =>
      `${service} ${source} ${target} ${isMade ? 'made' : 'asked'} ${variable}`,
  );
const plain = (env: string) => ({
  engine: PLAY_ENGINE,
  project: playProject(env),
  profiles: [],
  signal: undefined,
});

test('without an override they are those of the components, with their variables', async () => {
  const found = await told(plain('AIRFLOW_PROJ_DIR=~/flows\nGIT_SYNC_FOLDER=../dags.git\n'), 'git-sync');
  expect(found).toContain('git-sync /dags.git /repo asked GIT_SYNC_FOLDER');
  expect(found).toContain(
    `airflow-scheduler ${homedir()}/flows/logs /opt/airflow/logs made AIRFLOW_PROJ_DIR`,
  );
  expect(found).toContain('postgres /p/postgres/init.sql /run/gather/init.sql asked ');
  expect(found.join('\n')).not.toContain('postgres-data');
});

test('with one they are what Compose makes of both, with the values, and a name for an image that has none yet', async () => {
  const { stack, asked } = await playCompose(
    {
      services: {
        postgres: {
          volumes: [
            { type: 'bind', source: '/p/own.sql', target: '/run/gather/init.sql', bind: {} },
            { type: 'bind', source: '/p/a$b', target: '/a', bind: { create_host_path: true } },
            { type: 'tmpfs', target: '/t' },
          ],
        },
      },
    },
    'POSTGRES_IMAGE=mine\n',
  );
  expect(await told(stack)).toEqual([
    'postgres /p/own.sql /run/gather/init.sql asked ',
    'postgres /p/a$b /a made ',
  ]);
  expect(asked()).toEqual([expect.stringContaining('--profile * config --format json in')]);
});

test('an override that needs what .env has not is told with what Compose says', async () => {
  const { stack } = await playCompose('required variable WORD is missing a value: say it');
  await expect(mountsOf(stack, ownBlueprint())).rejects.toMatchObject({
    code: 'PROJECT_INVALID',
    where: { file: join(stack.project.folder, 'compose.override.yaml') },
    details: ['required variable WORD is missing a value: say it'],
  });
});

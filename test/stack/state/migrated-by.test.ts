import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { EngineApi } from '../../../src/engine/api.js';
import { EnvFile } from '../../../src/project/dotenv.js';
import { parseManifest } from '../../../src/project/manifest.js';
import { listContainers } from '../../../src/stack/observe/containers.js';
import { assertNotOlder, recordMigration } from '../../../src/stack/state/migrated-by.js';
import { PlayDocker } from '../play-docker.js';

let folder = '';
let docker: PlayDocker;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'gather-migrated-')));
  docker = new PlayDocker('shop');
});
afterEach(() => rmSync(folder, { recursive: true }));

const project = (airflow: string) => ({
  folder,
  manifest: parseManifest(`airflow: ${airflow}\n`, 'gather.yaml'),
  env: EnvFile.parse('COMPOSE_PROJECT_NAME=shop\n', '.env'),
  hasEnv: true,
});
const look = async (airflow: string, client: EngineApi = docker.client) => {
  const shape = { oneShots: new Set<string>(), idle: new Set<string>() };
  await assertNotOlder(client, project(airflow), await listContainers(client, 'shop', shape));
};
const refused = (newest: string, wanted: string) => ({
  code: 'PREFLIGHT_FAILED',
  message: expect.stringContaining(`migrations of Airflow ${newest}, which Airflow ${wanted} cannot read`),
});

test('a stack that runs on a newer line is not replaced by an older one; another patch of it may come', async () => {
  docker.start(docker.create('scheduler', { env: ['PATH=/bin', 'AIRFLOW_VERSION=3.3.2'] }), 'healthy');
  docker.start(docker.create('postgres'), 'healthy');
  await expect(look('2.11.2')).rejects.toMatchObject(refused('3.3.2', '2.11.2'));
  await expect(look('3.2.2')).rejects.toMatchObject(refused('3.3.2', '3.2.2'));
  for (const airflow of ['3.3.0', '3.3.2', '3.4.0']) await look(airflow);
});

test('containers that never came so far say nothing of the database', async () => {
  const init = docker.create('init', { env: ['AIRFLOW_VERSION=3.3.2'], restart: 'no' });
  docker.create('scheduler', { env: ['AIRFLOW_VERSION=3.3.2'] });
  docker.die(init, 1);
  await look('2.11.2');
});

test('a stack that is down is known by what was written down, until its data is gone', async () => {
  await docker.client.createVolume('shop_postgres-data', { 'com.docker.compose.project': 'shop' });
  await recordMigration(docker.client, project('3.3.2'));
  await expect(look('2.11.2')).rejects.toMatchObject(refused('3.3.2', '2.11.2'));
  await docker.client.removeVolume('shop_postgres-data');
  await look('2.11.2');
  await docker.client.createVolume('shop_postgres-data', { 'com.docker.compose.project': 'shop' });
  const [volume] = docker.volumes;
  if (volume) volume.CreatedAt = '2030-01-01T00:00:00Z';
  await look('2.11.2');
  rmSync(join(folder, '.gather'), { recursive: true });
  await look('2.11.2');
});

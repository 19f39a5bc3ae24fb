import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Catalog } from '../../../src/catalog/catalog.js';
import type { EngineApi } from '../../../src/engine/api.js';
import { planImages } from '../../../src/images/plan.js';
import { EnvFile } from '../../../src/project/dotenv.js';
import { parseManifest } from '../../../src/project/manifest.js';
import { listContainers } from '../../../src/stack/observe/containers.js';
import {
  checkDataVersions,
  type DataVersion,
  dataVersions,
  recordDataVersions,
} from '../../../src/stack/state/data-versions.js';
import { OWN, ownBlueprint } from '../../catalog/play-catalog.js';
import { PlayDocker } from '../play-docker.js';

let folder = '';
let docker: PlayDocker;
let asked: string[] = [];
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'gather-versions-')));
  docker = new PlayDocker('shop');
  asked = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

const project = () => ({
  folder,
  manifest: parseManifest('airflow: 3.3.2\n', 'gather.yaml'),
  env: EnvFile.parse('COMPOSE_PROJECT_NAME=shop\n', '.env'),
  hasEnv: true,
});
const component = { at: () => ({ file: 'component.yaml' }) } as unknown as DataVersion['component'];
const airflow = (wanted: string): DataVersion => ({
  image: 'AIRFLOW_IMAGE',
  names: ['localhost/gather/airflow'],
  component,
  wanted,
  spec: {
    name: 'Airflow',
    env: 'AIRFLOW_VERSION',
    parts: 2,
    older: 'it cannot read it',
    stay: 'gather init --airflow ${found}',
  },
});
const keycloak = (wanted: string, spec: Partial<DataVersion['spec']> = {}): DataVersion => ({
  image: 'KEYCLOAK_IMAGE',
  names: ['localhost/gather/keycloak', 'mirror.example:5000/keycloak/keycloak'],
  component,
  wanted,
  spec: { name: 'Keycloak', newer: 'it changes its tables', stay: 'keep ${found}', ...spec },
});
test('a part that is not started has no say, and what was written of it stays', async () => {
  const eks = ownBlueprint([], 'eks');
  const manifest = parseManifest('topology: eks\n', 'gather.yaml');
  const plans = planImages({
    catalog: new Catalog([OWN]),
    blueprint: eks,
    manifest,
    lookup: () => undefined,
    folder,
  });
  const without = plans.filter(({ spec }) => spec.variable !== 'KEYCLOAK_IMAGE');
  const images = (all: DataVersion[]) => all.map(({ image }) => image);
  expect(images(dataVersions(eks, plans))).toContain('KEYCLOAK_IMAGE');
  expect(images(dataVersions(eks, without))).not.toContain('KEYCLOAK_IMAGE');
  await recordDataVersions(docker.client, project(), [airflow('3.3.2'), keycloak('26.6.0')]);
  await recordDataVersions(docker.client, project(), [airflow('3.3.2')]);
  await expect(look(keycloak('26.7.3'))).rejects.toMatchObject({ code: 'NEEDS_YES' });
});

const look = async (one: DataVersion, says = false, client: EngineApi = docker.client) => {
  const shape = { oneShots: new Set<string>(), idle: new Set<string>() };
  await checkDataVersions(
    client,
    project(),
    [one],
    await listContainers(client, 'shop', shape),
    async (question) => {
      asked.push(question);
      return says;
    },
  );
};
const refused = (newest: string, wanted: string) => ({
  code: 'PREFLIGHT_FAILED',
  message: expect.stringContaining(
    `Airflow ${newest} has had the data of this stack, and Airflow ${wanted} is to come: it cannot read it`,
  ),
  hints: expect.arrayContaining([`stay with it: gather init --airflow ${newest}`]),
});

test('a stack that runs on a newer line is not replaced by an older one; another patch of it may come', async () => {
  docker.start(docker.create('scheduler', { env: ['PATH=/bin', 'AIRFLOW_VERSION=3.3.2'] }), 'healthy');
  docker.start(docker.create('postgres'), 'healthy');
  await expect(look(airflow('2.11.2'))).rejects.toMatchObject(refused('3.3.2', '2.11.2'));
  await expect(look(airflow('3.2.2'))).rejects.toMatchObject(refused('3.3.2', '3.2.2'));
  for (const version of ['3.3.0', '3.3.2', '3.4.0']) await look(airflow(version));
  expect(asked).toEqual([]);
});

test('containers that never came so far say nothing of the data', async () => {
  const init = docker.create('init', { env: ['AIRFLOW_VERSION=3.3.2'], restart: 'no' });
  docker.create('scheduler', { env: ['AIRFLOW_VERSION=3.3.2'] });
  docker.die(init, 1);
  await look(airflow('2.11.2'));
});

test('a stack that is down is known by what was written down, until its data is gone', async () => {
  await docker.client.createVolume('shop_postgres-data', { 'com.docker.compose.project': 'shop' });
  await recordDataVersions(docker.client, project(), [airflow('3.3.2')]);
  await recordDataVersions(docker.client, project(), [keycloak('26.7.3')]);
  await expect(look(airflow('2.11.2'))).rejects.toMatchObject(refused('3.3.2', '2.11.2'));
  await expect(look(keycloak('27.0.0'))).rejects.toMatchObject({ code: 'NEEDS_YES' });
  await docker.client.removeVolume('shop_postgres-data');
  await look(airflow('2.11.2'));
  await docker.client.createVolume('shop_postgres-data', { 'com.docker.compose.project': 'shop' });
  const [volume] = docker.volumes;
  if (volume) volume.CreatedAt = '2030-01-01T00:00:00Z';
  await look(airflow('2.11.2'));
  rmSync(join(folder, '.gather'), { recursive: true });
  await look(airflow('2.11.2'));
});

test('where a newer one changes the data, a person is asked; the tag of an image says which it is', async () => {
  docker.start(
    docker.create('keycloak', { image: 'localhost/gather/keycloak:26.7.3-9158399e96fb' }),
    'healthy',
  );
  await look(keycloak('26.7.3'));
  expect(asked).toEqual([]);
  await expect(look(keycloak('26.10.0'))).rejects.toMatchObject({
    code: 'NEEDS_YES',
    message:
      'Keycloak 26.7.3 has had the data of this stack, and Keycloak 26.10.0 is to come: it changes its tables. Nothing was changed.',
    hints: expect.arrayContaining(['gather up --yes lets it', 'stay with it: keep 26.7.3']),
  });
  await look(keycloak('26.10.0'), true);
  await expect(look(keycloak('26.7.2'))).rejects.toMatchObject({ code: 'NEEDS_YES' });
  await expect(look(keycloak('26.7.2', { older: 'its tables are too new' }), true)).rejects.toMatchObject({
    code: 'PREFLIGHT_FAILED',
  });
});

test('an image of a mirror with a port says it, too', async () => {
  docker.start(
    docker.create('keycloak', { image: 'mirror.example:5000/keycloak/keycloak:26.6.1' }),
    'healthy',
  );
  await expect(look(keycloak('26.7.3'))).rejects.toMatchObject({ code: 'NEEDS_YES' });
});

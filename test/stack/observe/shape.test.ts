import { expect, test } from 'vitest';
import { Catalog } from '../../../src/catalog/catalog.js';
import { resolveBlueprint } from '../../../src/catalog/resolve.js';
import { EnvFile } from '../../../src/project/dotenv.js';
import { parseManifest } from '../../../src/project/manifest.js';
import { missingVariables } from '../../../src/stack/missing-variables.js';
import { knownServices } from '../../../src/stack/observe/service-names.js';
import { shapeOf } from '../../../src/stack/observe/shape.js';
import { allProfiles } from '../../../src/stack/profiles.js';
import { component, fault, OWN, ownBlueprint, playCatalog } from '../../catalog/play-catalog.js';

const shape = shapeOf(ownBlueprint());
const open = (text: string) => ({
  project: {
    folder: '/p',
    manifest: parseManifest('', 'gather.yaml'),
    env: EnvFile.parse(text, '.env'),
    hasEnv: true,
  },
  catalog: new Catalog([OWN]),
  blueprint: ownBlueprint(),
});

test('postgres and redis come first, then init, then the rest', () => {
  expect(shape.dependsOn.postgres).toEqual([]);
  expect(shape.dependsOn.redis).toEqual([]);
  expect(shape.dependsOn['airflow-init']).toEqual(['postgres']);
  for (const service of ['airflow-scheduler', 'airflow-webserver', 'airflow-worker', 'airflow-triggerer'])
    expect(shape.dependsOn[service]).toEqual(expect.arrayContaining(['airflow-init', 'postgres']));
  expect([...shape.oneShots]).toEqual(['airflow-init']);
});

test('flower and the CLI start only with their profiles', () => {
  expect([...shape.idle].sort()).toEqual(['airflow-cli', 'flower']);
  expect([...shapeOf(ownBlueprint(), ['flower']).idle]).toEqual(['airflow-cli']);
  expect(allProfiles(ownBlueprint())).toEqual(['debug', 'flower']);
});

test('nobody waits for the probe of a service whose profile is not in use, or that is not there', () => {
  const { catalog } = playCatalog({
    'topologies/mine': 'components: [part]\n',
    'components/part': component(
      'probes:\n  - { service: web, command: [a] }\n  - { service: extra, command: [a] }\n  - { service: absent, command: [a] }',
      `services:
  web: { image: a }
  extra: { image: a, profiles: [extra] }
  absent: { extends: { file: other.yaml, service: absent } }
`,
    ),
  });
  const blueprint = resolveBlueprint(catalog, { topology: 'mine', components: [], airflow: '2.11.2' });
  const probed = (profiles: string[]) => shapeOf(blueprint, profiles).probes.map((probe) => probe.service);
  expect(probed([])).toEqual(['web']);
  expect(probed(['extra'])).toEqual(['web', 'extra']);
});

test('a service that the stack does not have is refused with the nearest', () => {
  expect(knownServices(open(''), ['redis', 'proxy'])).toEqual(['redis', 'proxy']);
  const error = fault(() => knownServices(open(''), ['airflow-worke']));
  expect(error).toMatchObject({
    code: 'USAGE',
    message: 'this stack has no service "airflow-worke"; did you mean "airflow-worker"?',
  });
});

test('what .env must have is what compose.yaml cannot do without', () => {
  expect(missingVariables(open('')).sort()).toEqual([
    'AIRFLOW__CELERY__BROKER_URL',
    'AIRFLOW__CELERY__RESULT_BACKEND',
    'AIRFLOW__CORE__FERNET_KEY',
    'AIRFLOW__CORE__INTERNAL_API_SECRET_KEY',
    'AIRFLOW__DATABASE__SQL_ALCHEMY_CONN',
    'AIRFLOW__WEBSERVER__SECRET_KEY',
    'COMPOSE_PROJECT_NAME',
    '_AIRFLOW_WWW_USER_PASSWORD',
  ]);
  expect(missingVariables(open('COMPOSE_PROJECT_NAME=b\n'))).not.toContain('COMPOSE_PROJECT_NAME');
});

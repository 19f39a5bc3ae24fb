import { expect, test } from 'vitest';
import { calledAs } from '../../../src/output/called-as.js';
import { versionOf } from '../../../src/stack/up/stack-facts.js';

const TITLE = 'org.opencontainers.image.title';
const VERSION = 'org.opencontainers.image.version';

test.each([
  ['localhost/gather/trino:476-4171e97efcf1', {}, '476'],
  ['localhost/gather/postgres:f771c6ebf0ae', { [TITLE]: 'PostgreSQL 15, built by gather' }, '15'],
  ['localhost/gather/minio:8dc423471ede', { [TITLE]: 'MinIO and mc, built by gather' }, undefined],
  ['postgres:14', {}, '14'],
  ['mirror.test:5000/keycloak', { [VERSION]: '26.7.3' }, '26.7.3'],
  ['mirror.test:5000/keycloak', {}, undefined],
])('the version of %s with %j is %s', (name, labels, version) => {
  expect(versionOf(name, labels)).toBe(version);
});

test.each([
  [{}, 'gather'],
  [{ npm_command: 'exec' }, 'npx gather'],
  [{ npm_command: 'run-script', npm_package_name: 'shop' }, 'npx gather'],
  [{ npm_command: 'run-script', npm_package_name: 'gather-airflow' }, 'npm run gather --'],
])('called with %j it is %s', (env, command) => {
  expect(calledAs(env)).toBe(command);
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { leftOut, rememberedLeftOut, rememberLeftOut } from '../../src/stack/left-out.js';
import { fault, ownBlueprint } from '../catalog/play-catalog.js';

test('a part that nobody needs is left out, with all its services, and what is missing then is said', () => {
  const lake = ownBlueprint(['minio', 'trino']);
  const { components, services, missing } = leftOut(lake, ['trino']);
  expect(components).toEqual(['trino']);
  expect(services).toEqual(['trino', 'trino-worker']);
  expect(missing.join()).toMatch(
    /^left out: trino \(.*the page Trino.*what is behind the connection trino_default/,
  );
});

test('what came along leaves with it, also what came along with that', () => {
  const { services } = leftOut(ownBlueprint([], 'eks'), ['trino']);
  expect(services.sort()).toEqual(['trino', 'trino-token', 'trino-worker']);
});

test('by the name of its one service, too, and each once', () => {
  const { components, services } = leftOut(ownBlueprint(), ['docker-socket-proxy', 'proxy', 'proxy']);
  expect([components, services]).toEqual([
    ['docker-socket-proxy', 'proxy'],
    ['docker-socket-proxy', 'proxy'],
  ]);
});

test('what came along with a part does not need it', () => {
  const { missing } = leftOut(ownBlueprint(['keycloak']), ['keycloak']);
  expect(missing.join()).toContain("Airflow's login through Keycloak");
});

test.each([
  [[], 'postgres', 'postgres cannot be left out: needed by airflow'],
  [['minio', 'trino'], 'minio', 'minio cannot be left out: needed by trino, airflow-s3'],
  [['keycloak', 'minio', 'trino'], 'keycloak', 'keycloak cannot be left out: needed by trino-login'],
  [[], 'airflow-2', 'airflow-2 cannot be left out: gather itself asks it'],
  [[], 'redis', 'redis cannot be left out: needed by celery'],
])('with %j, %s is refused with who needs it', (further, name, message) => {
  expect(fault(() => leftOut(ownBlueprint(further), [name]))).toMatchObject({ code: 'USAGE', message });
});

test('who is left out, too, needs nothing', () => {
  expect(leftOut(ownBlueprint(['minio', 'trino']), ['minio', 'trino']).services).toContain('minio');
});

test('an unknown name has the nearest beside it, and one of several services the part', () => {
  expect(fault(() => leftOut(ownBlueprint(), ['flowr'])).message).toBe(
    'the stack has no part "flowr"; did you mean "flower"?',
  );
  const one = fault(() => leftOut(ownBlueprint(), ['airflow-triggerer']));
  expect(one.message).toContain(
    'airflow-triggerer is one service of the part airflow, beside airflow-scheduler',
  );
});

test('what was left out is remembered until the next time', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gather-left-out-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  expect(rememberedLeftOut(folder)).toEqual([]);
  rememberLeftOut(folder, ['trino']);
  expect(rememberedLeftOut(folder)).toEqual(['trino']);
  rememberLeftOut(folder, []);
  expect(rememberedLeftOut(folder)).toEqual([]);
});

import { describe, expect, test } from 'vitest';
import { databasesOf, linksOf, renderProject } from '../../src/render/project-files.js';
import { ownBlueprint } from '../catalog/play-catalog.js';

const VALUES: Record<string, string> = {
  AF_PASS: 'hunter-2-secret',
  PROXY_PORT: '8088',
  AIRFLOW__CELERY__FLOWER_URL_PREFIX: 'deep/flower',
  AIRFLOW__DATABASE__SQL_ALCHEMY_CONN: 'postgresql+psycopg2://r%40le:p%27w@db/d_1',
};
const env = (name: string) => VALUES[name];

describe('the generated files of a project', () => {
  const files = renderProject(ownBlueprint(), env);
  const text = (path: string) => files.find((file) => file.path === path)?.text ?? '';

  test('are three, and the one with a password is closed', () => {
    expect(files.map(({ path, mode }) => [path, mode])).toEqual([
      ['compose.yaml', 0o644],
      ['proxy/nginx.conf', 0o644],
      ['postgres/init.sql', 0o600],
    ]);
    expect(text('postgres/init.sql')).toContain("p''w");
  });

  test('hold no other secret', () => {
    expect(files.map((file) => file.text).join('')).not.toContain('hunter-2');
  });

  test('are the same bytes each time', () => {
    expect(renderProject(ownBlueprint(), env)).toEqual(files);
  });

  test('without .env are those that need no password', () => {
    expect(renderProject(ownBlueprint(), undefined).map((file) => file.path)).toEqual([
      'compose.yaml',
      'proxy/nginx.conf',
    ]);
  });

  test('route the path of Flower as it is set', () => {
    expect(text('proxy/nginx.conf')).toContain('location /deep/flower/ {');
  });
});

test('links are what a browser opens', () => {
  expect(linksOf(ownBlueprint(), env)).toMatchObject({ Airflow: 'http://localhost:8088/' });
  expect(linksOf(ownBlueprint(), (name) => (name === 'PROXY_PORT' ? '80' : undefined))).toMatchObject({
    Airflow: 'http://localhost/',
  });
});

test('no link leads to a component that does not run', () => {
  expect(Object.keys(linksOf(ownBlueprint(), env))).toContain('Flower');
  expect(Object.keys(linksOf(ownBlueprint(), env, (service) => service !== 'flower'))).not.toContain(
    'Flower',
  );
});

test('role, password and database come from the URL that Airflow uses', () => {
  expect(databasesOf(ownBlueprint(), env)).toEqual([{ role: 'r@le', password: "p'w", database: 'd_1' }]);
});

describe('what somebody adds to .env', () => {
  const compose = (names: string[]) => renderProject(ownBlueprint(), env, names)[0]?.text ?? '';

  test("reaches Airflow's services by name, when it is a setting, a connection or a variable of Airflow", () => {
    const text = compose([
      'AIRFLOW__CORE__PARALLELISM',
      'AIRFLOW_CONN_LAKE',
      'AIRFLOW_VAR_COUNTRY',
      'MY_OWN',
      'AF_PASS',
    ]);
    const common = text.slice(text.indexOf('x-airflow-common:'), text.indexOf('services:'));
    for (const name of ['AIRFLOW__CORE__PARALLELISM', 'AIRFLOW_CONN_LAKE', 'AIRFLOW_VAR_COUNTRY'])
      expect(common).toContain(`    ${name}:\n`);
    expect(text).not.toContain('MY_OWN');
  });

  test('does not take the place of what a component says', () => {
    expect(compose(['AIRFLOW__CORE__EXECUTOR', 'AIRFLOW_UID'])).toBe(compose([]));
  });
});

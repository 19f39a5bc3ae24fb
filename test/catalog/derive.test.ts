import { describe, expect, test } from 'vitest';
import { derive, ingredientsOf, isDerived, sameMeaning } from '../../src/catalog/derive.js';
import { lookupIn } from '../../src/catalog/lookup.js';
import type { VariableSpec } from '../../src/catalog/schema.js';
import { ownBlueprint } from './play-catalog.js';

const { variables } = ownBlueprint();
const variable = (name: string): VariableSpec => {
  const found = variables.find((one) => one.name === name);
  if (!found) throw new Error(`no variable ${name}`);
  return found;
};
const lookup = (values: Record<string, string>) => lookupIn(variables, (name) => values[name]);
const CONN = variable('AIRFLOW__DATABASE__SQL_ALCHEMY_CONN');

describe('a derived value', () => {
  test('is computed from the answers, each part encoded on its own', () => {
    const answers = lookup({
      AF_USER: 'me@home',
      AF_PASS: `p'"$ %/:é`,
      AF_DB: 'db',
      PG_HOST: '::1',
      PG_PORT: '5433',
    });
    expect(derive(CONN, answers)).toBe(
      'postgresql+psycopg2://me%40home:p%27%22%24%20%25%2F%3A%C3%A9@[::1]:5433/db',
    );
    expect(derive(variable('AIRFLOW__CELERY__RESULT_BACKEND'), answers)).toMatch(
      /^db\+postgresql:\/\/me%40home:p%27/,
    );
    expect(derive(variable('_AIRFLOW_WWW_USER_USERNAME'), answers)).toBe('me@home');
    expect(derive(variable('_AIRFLOW_WWW_USER_PASSWORD'), answers)).toBe(`p'"$ %/:é`);
  });

  test("keeps the broker's form, with and without a password", () => {
    const broker = variable('AIRFLOW__CELERY__BROKER_URL');
    expect(derive(broker, lookup({}))).toBe('redis://:@redis:6379/0');
    expect(derive(broker, lookup({ REDIS_PASS: 'a@b' }))).toBe('redis://:a%40b@redis:6379/0');
  });

  test('shows no port where the browser needs none', () => {
    const base = variable('AIRFLOW__WEBSERVER__BASE_URL');
    expect(derive(base, lookup({ PROXY_PORT: '80' }))).toBe('http://localhost');
    expect(derive(base, lookup({ PROXY_PORT: '8088' }))).toBe('http://localhost:8088');
  });

  test('leads to where ports listen, where it leads to this machine', () => {
    const url = variable('AIRFLOW_URL');
    const at = (bind: string) => derive(url, lookup({ PROXY_PORT: '8088', GATHER_BIND: bind }));
    expect(['127.0.0.1', '0.0.0.0', '[::]', ''].map(at)).toEqual(Array(4).fill('http://localhost:8088'));
    expect(at('127.0.0.2')).toBe('http://127.0.0.2:8088');
    expect(at('[::1]')).toBe('http://[::1]:8088');
    expect(ingredientsOf(url)).toEqual(['PROXY_PORT', 'GATHER_BIND']);
    expect(
      derive(CONN, lookup({ AF_USER: 'a', AF_PASS: 'b', PG_HOST: 'localhost', GATHER_BIND: '127.0.0.2' })),
    ).toContain('@localhost:');
  });

  test('is told from a plain one', () => {
    expect(isDerived(CONN)).toBe(true);
    expect(isDerived(variable('_AIRFLOW_WWW_USER_PASSWORD'))).toBe(true);
    expect(isDerived(variable('PG_USER'))).toBe(false);
  });
});

describe('two URLs', () => {
  const same = (a: string, b: string) => sameMeaning(CONN, a, b);
  test('mean the same when they differ only by a default port or by encoding', () => {
    expect(same('postgresql+psycopg2://u:p@postgres/d', 'postgresql+psycopg2://u:p@postgres:5432/d')).toBe(
      true,
    );
    expect(same('db+postgresql://u:p@h/d', 'db+postgresql://u:p@h:5432/d')).toBe(true);
    expect(same('redis://:@redis/0', 'redis://:@redis:6379/0')).toBe(true);
    expect(same('redis://:%41@redis/0', 'redis://:A@redis/0')).toBe(true);
  });
  test('mean something else otherwise', () => {
    for (const other of [
      'postgresql+psycopg2://u:q@postgres/d',
      'postgresql+psycopg2://u:p@postgres:5433/d',
      'postgresql://u:p@postgres/d',
      'not a url',
    ])
      expect(same('postgresql+psycopg2://u:p@postgres/d', other)).toBe(false);
  });
  test('of a variable that is no URL are compared as texts', () => {
    expect(sameMeaning(variable('PG_USER'), 'a', 'a')).toBe(true);
    expect(sameMeaning(variable('PG_USER'), 'redis://r/0', 'redis://r:6379/0')).toBe(false);
  });
});

test('a lookup gives what is set, else the default, and never a secret that is not made yet', () => {
  const read = lookup({ PG_USER: 'me' });
  expect(read('PG_USER')).toBe('me');
  expect(read('PG_DB')).toBe('gather_db');
  expect(read('AF_PASS')).toBeUndefined();
  expect(read('AIRFLOW_UID')).toBeUndefined();
  expect(read('NOBODY')).toBeUndefined();
});

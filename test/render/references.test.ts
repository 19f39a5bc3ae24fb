import { expect, test } from 'vitest';
import { defaultsOf, withDefaults } from '../../src/render/references.js';
import { ownBlueprint } from '../catalog/play-catalog.js';

const suffixes = defaultsOf(ownBlueprint());

test('a reference gets the default of its variable, and a secret is required', () => {
  expect(Object.fromEntries(suffixes)).toMatchObject({
    PG_USER: ':-developer',
    REDIS_PASS: ':-',
    AF_PASS: ':?gather init writes it to .env',
    AIRFLOW__DATABASE__SQL_ALCHEMY_CONN: ':?gather init writes it to .env',
    AIRFLOW_UID: ':-50000',
    DOCKER_SOCKET: ':-/var/run/docker.sock',
    POSTGRES_IMAGE: ':-postgres:14',
    AIRFLOW_IMAGE: ':?gather up builds it',
  });
});

test('references are found anywhere in a structure; what is escaped, unknown, or has a default stays', () => {
  const body = {
    a: ['${PG_USER}', 1, { b: 'x${PG_USER}y${PG_USER}' }],
    c: '$${PG_USER} ${MINE} ${PG_USER:-other}',
    d: null,
  };
  expect(withDefaults(body, suffixes)).toEqual({
    a: ['${PG_USER:-developer}', 1, { b: 'x${PG_USER:-developer}y${PG_USER:-developer}' }],
    c: '$${PG_USER} ${MINE} ${PG_USER:-other}',
    d: null,
  });
  expect(body.a[0]).toBe('${PG_USER}');
});

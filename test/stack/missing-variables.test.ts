import { expect, test } from 'vitest';
import { Catalog } from '../../src/catalog/catalog.js';
import { missingVariables } from '../../src/stack/missing-variables.js';
import { OWN, ownBlueprint } from '../catalog/play-catalog.js';
import { playProject } from './play-project.js';

const open = (env: string) => ({
  project: playProject(env),
  catalog: new Catalog([OWN]),
  blueprint: ownBlueprint(),
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

import { expect, test } from 'vitest';
import { EnvFile } from '../../src/project/dotenv.js';
import { followedDefaults } from '../../src/setup/follow-defaults.js';
import { ownBlueprint } from '../catalog/play-catalog.js';

const follow = (env: string, from: string, to: string) => [
  ...followedDefaults(
    ownBlueprint([], from).variables,
    ownBlueprint([], to).variables,
    EnvFile.parse(env, '.env'),
  ),
];

test('another topology brings its executor, and leaves what a person chose', () => {
  const text = 'AIRFLOW__CORE__EXECUTOR=CeleryExecutor\nAF_DB=airflow_db\nPROXY_PORT=80\n';
  expect(follow(text, 'celery', 'clever-cloud')).toEqual([['AIRFLOW__CORE__EXECUTOR', 'LocalExecutor']]);
  expect(follow('AIRFLOW__CORE__EXECUTOR=my.own.Executor\n', 'celery', 'clever-cloud')).toEqual([]);
  expect(follow('', 'celery', 'clever-cloud')).toEqual([]);
  expect(follow(text, 'celery', 'celery')).toEqual([]);
});

import { describe, expect, test } from 'vitest';
import { EnvFile } from '../../src/project/dotenv.js';
import { following, writtenDefaults } from '../../src/setup/follow-defaults.js';
import { ownBlueprint } from '../catalog/play-catalog.js';

const follow = (text: string, from: string[], to: string, written = {}) => {
  const env = EnvFile.parse(text, '.env');
  const before = from.map((topology) => ownBlueprint([], topology).variables);
  const { renewed, gone } = following(before, ownBlueprint([], to).variables, env, written);
  return { renewed: [...renewed], gone: gone.map(({ name }) => name) };
};

test('another topology brings its executor, and leaves what a person chose', () => {
  const text = 'AIRFLOW__CORE__EXECUTOR=CeleryExecutor\nAF_DB=airflow_db\nPROXY_PORT=80\n';
  expect(follow(text, ['celery'], 'clever-cloud').renewed).toEqual(['AIRFLOW__CORE__EXECUTOR']);
  expect(follow('AIRFLOW__CORE__EXECUTOR=my.own.Executor\n', ['celery'], 'clever-cloud').renewed).toEqual([]);
  expect(follow('', ['celery'], 'clever-cloud')).toEqual({ renewed: [], gone: [] });
  expect(follow(text, ['celery'], 'celery')).toEqual({ renewed: [], gone: [] });
});

describe('a component that leaves', () => {
  const LOGS = `S3_LOGS_BUCKET=airflow-logs
S3_LOGS_ACCESS_KEY=mine
S3_LOGS_SECRET_KEY=hush-hush
S3_PORT=9000
AIRFLOW__LOGGING__REMOTE_LOGGING=true
AIRFLOW__LOGGING__REMOTE_BASE_LOG_FOLDER=s3://airflow-logs
AIRFLOW__CORE__PARALLELISM=4
`;
  test('takes along what gather wrote for it; secrets, ports and what a person chose stay', () => {
    expect(follow(LOGS, ['clever-cloud'], 'celery').gone.sort()).toEqual([
      'AIRFLOW__CORE__PARALLELISM',
      'AIRFLOW__LOGGING__REMOTE_BASE_LOG_FOLDER',
      'AIRFLOW__LOGGING__REMOTE_LOGGING',
      'S3_LOGS_BUCKET',
    ]);
  });

  test('takes a connection that follows from its secret, which stays', () => {
    const conn = {
      conn_type: 'aws',
      login: 'airflow-logs',
      password: 'hush-hush',
      extra: { endpoint_url: 'http://minio:9000', region_name: 'us-east-1' },
    };
    const text = (value: object) =>
      `S3_LOGS_SECRET_KEY=hush-hush\nAIRFLOW_CONN_S3LOGS='${JSON.stringify(value)}'\n`;
    expect(follow(text(conn), ['clever-cloud'], 'celery').gone).toEqual(['AIRFLOW_CONN_S3LOGS']);
    expect(follow(text({ ...conn, login: 'mine' }), ['clever-cloud'], 'celery').gone).toEqual([]);
  });
});

test('after a change that was cut short the defaults of either stack are gather’s own', () => {
  const text = 'AIRFLOW__CORE__EXECUTOR=LocalExecutor\nAIRFLOW__CORE__PARALLELISM=4\n';
  expect(follow(text, ['celery', 'clever-cloud'], 'celery')).toEqual({
    renewed: ['AIRFLOW__CORE__EXECUTOR'],
    gone: ['AIRFLOW__CORE__PARALLELISM'],
  });
  expect(follow(text, ['celery', 'clever-cloud'], 'clever-cloud')).toEqual({ renewed: [], gone: [] });
});

test('of a component that nobody knows any more, what was written down is taken along', () => {
  const written = { mailpit: { MAIL_HOST: 'mailpit', MAIL_FROM: 'a@b' } };
  expect(follow('MAIL_HOST=mailpit\nMAIL_FROM=me@here\n', [], 'celery', written).gone).toEqual(['MAIL_HOST']);
});

test('what is written down of the defaults holds no secret and nothing that follows from one', () => {
  const { variables } = ownBlueprint([], 'clever-cloud');
  const text = variables.map(({ name, default: plain }) => `${name}='${plain ?? 'hush'}'\n`).join('');
  const written = writtenDefaults(variables, EnvFile.parse(text, '.env'));
  const names = Object.values(written).flatMap((values) => Object.keys(values));
  expect(names).toContain('AIRFLOW__LOGGING__REMOTE_LOGGING');
  expect(names.filter((name) => variables.find((one) => one.name === name)?.secret)).toEqual([]);
  expect(JSON.stringify(written)).not.toContain('hush');
  expect(written['s3-logs']).toMatchObject({ S3_LOGS_BUCKET: 'airflow-logs' });
});

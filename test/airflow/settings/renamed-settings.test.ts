import { expect, test } from 'vitest';
import { inAirflow3 } from '../../../src/airflow/settings/renamed-settings.js';

test.each([
  ['AIRFLOW__WEBSERVER__SECRET_KEY', 'AIRFLOW__API__SECRET_KEY'],
  ['AIRFLOW__SCHEDULER__DAG_DIR_LIST_INTERVAL', 'AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL'],
  ['AIRFLOW__API__AUTH_BACKENDS', 'AIRFLOW__FAB__AUTH_BACKENDS'],
  ['AIRFLOW__KUBERNETES_EXECUTOR__WORKER_PODS_PENDING_TIMEOUT', 'AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT'],
  // renamed twice
  ['AIRFLOW__WEBSERVER__PAGE_SIZE', 'AIRFLOW__API__FALLBACK_PAGE_LIMIT'],
  // where the value comes from
  ['AIRFLOW__WEBSERVER__SECRET_KEY_CMD', 'AIRFLOW__API__SECRET_KEY_CMD'],
  ['AIRFLOW__CORE__SQL_ALCHEMY_CONN_SECRET', 'AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_SECRET'],
])('%s is %s in Airflow 3', (from, to) => {
  expect(inAirflow3(from)).toEqual({ kind: 'renamed', to, sameUnit: true });
});

test.each(['CORE__INTERNAL_API_SECRET_KEY', 'SMTP__SMTP_PASSWORD_CMD', 'WEBSERVER__EXPOSE_STACKTRACE'])(
  'AIRFLOW__%s is gone',
  (name) => {
    expect(inAirflow3(`AIRFLOW__${name}`)).toEqual({ kind: 'gone' });
  },
);

test.each([
  'AIRFLOW__CORE__FERNET_KEY',
  'AIRFLOW__API__SECRET_KEY',
  'AIRFLOW__API_AUTH__JWT_SECRET',
  'AIRFLOW_CONN_WEBSERVER__SECRET_KEY',
  'PG_PASS',
])('%s stays what it is', (name) => {
  expect(inAirflow3(name)).toEqual({ kind: 'same' });
});

test('a value in another unit cannot stay', () => {
  expect(inAirflow3('AIRFLOW__WEBSERVER__SESSION_LIFETIME_DAYS')).toMatchObject({ sameUnit: false });
});

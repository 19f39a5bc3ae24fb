/** Every part that runs for good in the default stack. */
export const PARTS = [
  'postgres',
  'redis',
  'airflow-scheduler',
  'airflow-triggerer',
  'airflow-webserver',
  'airflow-worker',
  'docker-socket-proxy',
  'proxy',
];

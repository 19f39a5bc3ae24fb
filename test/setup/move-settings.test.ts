import { expect, test } from 'vitest';
import { EnvFile } from '../../src/project/dotenv.js';
import { moveSettings } from '../../src/setup/move-settings.js';
import { ownBlueprint } from '../catalog/play-catalog.js';

const move = (text: string, { airflow = '3.3.2', given = {} } = {}) =>
  moveSettings(
    ownBlueprint([], 'celery', airflow),
    EnvFile.parse(text, '.env'),
    new Map(Object.entries(given)),
  );

/** What gather wrote for Airflow 2, with a person's own values. */
const OF_2 = `AIRFLOW__CORE__INTERNAL_API_SECRET_KEY=hush-1
AIRFLOW__SCHEDULER__DAG_DIR_LIST_INTERVAL=7
AIRFLOW__WEBSERVER__SECRET_KEY=hush-2
AIRFLOW__WEBSERVER__EXPOSE_CONFIG=false
AIRFLOW__WEBSERVER__BASE_URL=https://airflow.example.test
`;

test('what was renamed keeps its value, and each is reported without it', () => {
  const { values, notes } = move(OF_2);
  expect(Object.fromEntries(values)).toEqual({
    AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL: '7',
    AIRFLOW__API__SECRET_KEY: 'hush-2',
    AIRFLOW__API__EXPOSE_CONFIG: 'false',
    AIRFLOW__API__BASE_URL: 'https://airflow.example.test',
  });
  const text = notes.join('\n');
  expect(text).toContain(
    'AIRFLOW__WEBSERVER__EXPOSE_CONFIG is AIRFLOW__API__EXPOSE_CONFIG in Airflow 3, which takes its value over',
  );
  expect(text).toContain('for Airflow 2: AIRFLOW__CORE__INTERNAL_API_SECRET_KEY');
  expect(text).toContain('migrates the database');
  expect(text).not.toContain('hush');
});

test('the second time there is nothing to say', () => {
  const { values } = move(OF_2);
  const both = OF_2 + [...values].map(([name, value]) => `${name}=${value}\n`).join('');
  expect(move(both)).toEqual({ values: new Map(), notes: [] });
});

test('a value given on the command line counts, and so does one that .env has', () => {
  const given = { AIRFLOW__API__EXPOSE_CONFIG: 'true' };
  const text = 'AIRFLOW__WEBSERVER__EXPOSE_CONFIG=false\n';
  expect(move(text, { given }).values.size).toBe(0);
  expect(move(`${text}AIRFLOW__API__EXPOSE_CONFIG=true\n`).values.size).toBe(0);
  expect(move('AIRFLOW__WEBSERVER__EXPOSE_CONFIG=\n').values.size).toBe(0);
});

test("a person's own settings stay, and are reported each time", () => {
  const { values, notes } = move(`AIRFLOW__SCHEDULER__PARSING_PROCESSES=1
AIRFLOW__CORE__DAG_ORIENTATION=TB
AIRFLOW__WEBSERVER__SESSION_LIFETIME_DAYS=3
AIRFLOW__SCHEDULER__STATSD_ON=true
AIRFLOW__METRICS__STATSD_ON=true
AIRFLOW__CORE__PARALLELISM=8
AIRFLOW_CONN_LAKE=s3://
MINE=1
`);
  expect(values.size).toBe(0);
  expect(notes).toEqual([
    'AIRFLOW__SCHEDULER__PARSING_PROCESSES is AIRFLOW__DAG_PROCESSOR__PARSING_PROCESSES in Airflow 3: rename it in .env',
    'AIRFLOW__CORE__DAG_ORIENTATION: Airflow 3 has no such setting and ignores it',
    'AIRFLOW__WEBSERVER__SESSION_LIFETIME_DAYS is AIRFLOW__FAB__SESSION_LIFETIME_MINUTES in Airflow 3, in another unit: rename it in .env',
    'AIRFLOW__SCHEDULER__STATSD_ON is AIRFLOW__METRICS__STATSD_ON in Airflow 3, which .env has, too: take it out',
  ]);
});

test('Airflow 2 has nothing to move', () => {
  const text = `${OF_2}AIRFLOW__CORE__DAG_ORIENTATION=TB\n`;
  expect(move(text, { airflow: '2.11.2' })).toEqual({ values: new Map(), notes: [] });
});

import { test } from 'vitest';
import { DEFAULT_TOPOLOGY } from '../../src/project/manifest.js';
import { bootsAndRuns } from '../engine/boots.js';

/** What a project's requirements.txt may raise beyond what Airflow was released with: to what was the newest in November 2026, or newer. */
const RAISED = [
  { airflow: '2.11.2', raised: ['apache-airflow-providers-celery>=3.26.0'] },
  { airflow: '2.11.2', raised: ['apache-airflow-providers-celery>=3.26.0', 'celery>=5.7.0'] },
  { airflow: '3.3.2', raised: ['apache-airflow-providers-celery>=3.26.0'] },
  { airflow: '3.3.2', raised: ['apache-airflow-providers-celery>=3.26.0', 'celery>=5.7.0'] },
  { airflow: '3.3.2', raised: ['apache-airflow-providers-fab>=3.10.2'] },
  // Airflow itself forbids newer ones of fastapi
  { airflow: '3.3.2', raised: ['fastapi>=0.136.3', 'cadwyn>=9.0.0', 'uvicorn>=0.54.0'] },
];

test.each(RAISED)('Airflow $airflow with $raised boots, runs a DAG and goes down', ({ airflow, raised }) =>
  bootsAndRuns(DEFAULT_TOPOLOGY, airflow, raised),
);

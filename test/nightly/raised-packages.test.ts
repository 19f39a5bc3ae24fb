import { test } from 'vitest';
import { DEFAULT_TOPOLOGY } from '../../src/project/manifest.js';
import { bootsAndRuns } from '../engine/boots.js';

/** What a project's requirements.txt may raise beyond what Airflow was released with: to what was the newest in November 2026, or newer. */
const RAISED: [airflow: string, requirements: string][] = [
  // no celery provider fits celery 5.7 yet: the executor cannot be imported
  ['2.11.2', 'apache-airflow-providers-celery>=3.26.0 celery>=5.6.3,<5.7'],
  ['3.3.2', 'apache-airflow-providers-celery>=3.26.0 celery>=5.6.3,<5.7'],
  ['3.3.2', 'apache-airflow-providers-fab>=3.10.2'],
  // the newest that Airflow itself allows, and what runs it; with cadwyn 9 its API server does not start
  ['3.3.2', 'fastapi>=0.136.3 uvicorn>=0.54.0'],
];

test.each(RAISED)('Airflow %s with %s boots, runs a DAG and goes down', (airflow, requirements) =>
  bootsAndRuns(DEFAULT_TOPOLOGY, airflow, requirements.split(' ')),
);

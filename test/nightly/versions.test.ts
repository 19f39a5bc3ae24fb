import { test } from 'vitest';
import { KNOWN } from '../../src/airflow/settings/releases.js';
import { DEFAULT_TOPOLOGY } from '../../src/project/manifest.js';
import { bootsAndRuns } from '../engine/boots.js';

test.each(KNOWN)(`Airflow %s boots, runs a DAG and goes down`, (airflow) =>
  bootsAndRuns(DEFAULT_TOPOLOGY, airflow),
);

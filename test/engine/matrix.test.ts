import { test } from 'vitest';
import { bootsAndRuns, topologies } from './boots.js';

/** Booted with Airflow 3 by airflow-3.test and s3-logs.test; with Airflow 2 every topology has a test of its own here. */
const ELSEWHERE = ['celery', 'clever-cloud'];

// test/nightly boots them all
test.each(topologies.filter((topology) => !ELSEWHERE.includes(topology)))(
  'topology %s boots with Airflow 3, runs a DAG, shows its log, and goes down clean',
  (topology) => bootsAndRuns(topology, '3'),
);

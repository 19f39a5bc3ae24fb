import { test } from 'vitest';
import { bootsAndRuns, topologies } from './boots.js';

/** What other tests here boot: celery with both Airflows, clever-cloud and eks with Airflow 2. */
const ELSEWHERE = ['celery', 'clever-cloud', 'eks'];

// test/nightly boots them all
test.each(topologies.filter((topology) => !ELSEWHERE.includes(topology)))(
  'topology %s boots with Airflow 3, runs a DAG, shows its log, and goes down clean',
  (topology) => bootsAndRuns(topology, '3'),
);

import { test } from 'vitest';
import { DEFAULT_TOPOLOGY } from '../../src/project/manifest.js';
import { bootsAndRuns, topologies } from './boots.js';

// what the other tests here do not boot; test/nightly has all of them
test.each(topologies.filter((topology) => topology !== DEFAULT_TOPOLOGY))(
  'topology %s boots with Airflow 3, runs a DAG, shows its log, and goes down clean',
  (topology) => bootsAndRuns(topology, '3'),
);

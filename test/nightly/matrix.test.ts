import { test } from 'vitest';
import { bootsAndRuns, topologies } from '../engine/boots.js';

test.each(topologies.flatMap((topology) => ['2', '3'].map((line) => [topology, line] as const)))(
  'topology %s boots with Airflow %s, runs a DAG, shows its log, and goes down clean',
  bootsAndRuns,
);

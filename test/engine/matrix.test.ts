import { join } from 'node:path';
import { test } from 'vitest';
import { fullVersion } from '../../src/airflow/releases.js';
import { Catalog } from '../../src/catalog/catalog.js';
import { bootsAndRuns } from './boots.js';
import { HOME } from './gather.js';

const topologies = new Catalog([join(HOME, 'compose')]).topologyNames();
const STACKS = topologies.flatMap((topology) =>
  ['2', '3'].map((line) => [topology, fullVersion(line)] as const),
);

test.each(STACKS)(
  'topology %s boots with Airflow %s, runs a DAG, shows its log, and goes down clean',
  bootsAndRuns,
);

import { test } from 'vitest';
import { acceptsWithAny, STACKS } from '../engine/compose-config.js';

test.each(STACKS)(
  'Compose accepts topology %s of Airflow %s with any two further components that can be together',
  (topology, airflow) => acceptsWithAny(2, topology, airflow),
);

import { expect, test } from 'vitest';
import { rootOf } from '../../../src/stack/up/root-cause.js';

const DEPENDS_ON = {
  database: [],
  broker: [],
  init: ['database'],
  worker: ['init', 'broker'],
  proxy: ['worker'],
};

test.each([
  [['worker'], 'worker'],
  [['proxy', 'worker', 'database'], 'database'],
  [['worker', 'broker'], 'broker'],
  [['proxy', 'init'], 'init'],
  [['database', 'broker'], 'database'],
  [['worker', 'worker'], 'worker'],
  [[], undefined],
])('of %j, %s is the root', (services, root) => {
  const broken = services.map((service) => ({ container: { service } }));
  expect(rootOf(broken, DEPENDS_ON)?.container.service).toBe(root);
});

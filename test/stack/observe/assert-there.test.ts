import { expect, test } from 'vitest';
import type { ServiceState } from '../../../src/output/events.js';
import { assertRuns, assertThere } from '../../../src/stack/observe/assert-there.js';

const some = (states: Record<string, ServiceState>) =>
  Object.entries(states).map(([service, state]) => ({ service, state }));
const error = (message: string) =>
  expect.objectContaining({
    code: 'STACK_NOT_RUNNING',
    exitCode: 1,
    message,
    hints: ['gather up', 'gather status'],
  });

test('a stack without containers does not run, whatever is asked of it', () => {
  for (const assert of [assertThere, assertRuns])
    for (const services of [[], ['web']])
      expect(() => assert([], 'mine', services)).toThrow(error('mine does not run'));
});

test('a service without a container is named', () => {
  const there = some({ web: 'healthy', worker: 'exited' });
  for (const assert of [assertThere, assertRuns]) {
    expect(() => assert(there, 'mine', ['web', 'worker'])).not.toThrow();
    expect(() => assert(there, 'mine', ['web', 'flower', 'debug'])).toThrow(
      error('there is no container of flower, debug'),
    );
  }
});

test('of a stopped stack there are logs, but nothing to restart but what is named', () => {
  const stopped = some({ web: 'exited', init: 'done', worker: 'created' });
  expect(() => assertThere(stopped, 'mine', [])).not.toThrow();
  expect(() => assertRuns(stopped, 'mine', ['web'])).not.toThrow();
  expect(() => assertRuns(stopped, 'mine', [])).toThrow(error('nothing of mine runs'));
  for (const state of ['running', 'healthy', 'unhealthy', 'starting', 'restarting', 'paused'] as const)
    expect(() => assertRuns([...stopped, { service: 'redis', state }], 'mine', [])).not.toThrow();
});

import { afterAll, beforeAll, describe, test } from 'vitest';
import { timeoutAndCallbacks } from './behaviour/endings.js';
import { logFromTheWorker } from './behaviour/logs.js';
import { clearedWhileRunning } from './behaviour/outside.js';
import { BehaviourStack } from './behaviour/stack.js';
import { killedWorker, warmShutdown } from './behaviour/workers.js';

// more of it, on both lines and with either launcher: test/nightly/behaviour.test.ts
describe('Airflow 2.11.2 does what Airflow promises', () => {
  let stack: BehaviourStack;
  beforeAll(async () => {
    stack = await BehaviourStack.boot({ airflow: '2.11.2', launcher: 'airflow' });
  });
  afterAll(() => stack?.end());

  test('with a task whose worker is killed', async () => killedWorker(await stack.whole()));
  test('with a task that is cleared while it runs', async () => clearedWhileRunning(await stack.whole()));
  test('with a task that takes too long, and with callbacks', async () =>
    timeoutAndCallbacks(await stack.whole()));
  test('with the log of a task that still runs', async () => logFromTheWorker(await stack.whole()));
  test('with a worker that is told to end', async () => warmShutdown(await stack.whole()));
});

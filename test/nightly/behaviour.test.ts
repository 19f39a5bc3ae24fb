import { afterAll, beforeAll, describe, test } from 'vitest';
import { KNOWN } from '../../src/airflow/settings/releases.js';
import { successCallbacks, timeoutAndCallbacks, waitsWithoutAWorker } from '../engine/behaviour/endings.js';
import { logFromTheWorker } from '../engine/behaviour/logs.js';
import { clearedWhileRunning, markedAsFailed } from '../engine/behaviour/outside.js';
import { pluginsWithViews } from '../engine/behaviour/plugins.js';
import { BehaviourStack, type Ground } from '../engine/behaviour/stack.js';
import { olderTaskSdk } from '../engine/behaviour/task-sdk.js';
import { killedWorker, warmShutdown } from '../engine/behaviour/workers.js';

type Behaviour = (stack: BehaviourStack) => Promise<void>;

/** The stack of a suite, booted once. */
function stackOf(ground: Ground): (behaviour: Behaviour) => Promise<void> {
  let stack: BehaviourStack | undefined;
  beforeAll(async () => {
    stack = await BehaviourStack.boot(ground);
  });
  afterAll(() => stack?.end());
  return async (behaviour) => {
    if (!stack) throw new Error('the stack has not booted');
    await behaviour(await stack.whole());
  };
}

const ALL: Record<string, Behaviour> = {
  'a task whose worker is killed': killedWorker,
  'a task that is cleared while it runs': clearedWhileRunning,
  'a task that is marked as failed while it runs': markedAsFailed,
  'a task that takes too long, and callbacks': timeoutAndCallbacks,
  'callbacks of success': successCallbacks,
  'a deferred task and a rescheduled sensor': waitsWithoutAWorker,
  'the log of a task that still runs': logFromTheWorker,
  'plugins with pages, on a fresh and an old database': pluginsWithViews,
  'a worker that is told to end': warmShutdown,
};

const LINES = ['2.11.2', '3.3.2'];
const GROUNDS = LINES.flatMap((airflow): Ground[] => [
  { airflow, launcher: 'airflow' },
  { airflow, launcher: 'fast' },
]);

describe.each(GROUNDS)('Airflow $airflow with the launcher "$launcher"', (ground) => {
  const on = stackOf(ground);
  const behaviours = ground.airflow.startsWith('3') ? { ...ALL, 'an older Task SDK': olderTaskSdk } : ALL;
  test.each(Object.entries(behaviours))('%s', (_name, behaviour) => on(behaviour));
});

// what an import that is left out once broke, on every other release
describe.each(KNOWN.filter((airflow) => !LINES.includes(airflow)))('Airflow %s', (airflow) => {
  const on = stackOf({ airflow, launcher: 'airflow' });
  const few = { killedWorker, timeoutAndCallbacks, waitsWithoutAWorker, logFromTheWorker };
  test.each(Object.entries(few))('%s', (_name, behaviour) => on(behaviour));
});

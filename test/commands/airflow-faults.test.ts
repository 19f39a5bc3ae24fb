import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { CALL_LIMIT } from '../../src/airflow/api/rest-calls.js';
import { Interruption } from '../../src/output/interruption.js';
import { freePort } from '../free-port.js';
import { breakServer, FAULTS, type Fault, REFUSAL } from '../unit-engine/broken-engine.js';
import { playEngine } from '../unit-engine/play-engine.js';
import { playScene } from './faults.js';
import { type Outcome, play } from './play-command.js';

/** A line of every command that asks Airflow's REST API. */
const LINES = [
  'dags list',
  'dags errors',
  'dags trigger hello',
  'dags trigger hello --wait',
  'watch',
  'watch hello',
];
const PORT = await freePort();

const OUTCOMES: Record<Fault, Outcome> = {
  hangs: notRunning('no answer in time'),
  resets: notRunning('ECONNRESET'),
  refuses: { code: 'AIRFLOW_FAILED', exitCode: 1, message: expect.stringContaining(REFUSAL) },
  babbles: notRunning('HPE_INVALID_CONSTANT'),
  closes: notRunning('ECONNRESET'),
};

function notRunning(reason: string): Outcome {
  const message = `Airflow does not answer at http://127.0.0.1:${PORT}: ${reason}`;
  return { code: 'STACK_NOT_RUNNING', exitCode: 1, message };
}

const { home, folder } = playScene({ AIRFLOW_WEB_PORT: String(PORT) });

// each asks the engine, too, whose stack it is: that one is well
beforeEach(async () => {
  const engine = await playEngine(home);
  vi.stubEnv('DOCKER_HOST', engine.host);
  return engine.close;
});
const usual = CALL_LIMIT.ms;
afterEach(() => {
  CALL_LIMIT.ms = usual;
});

test('by default nobody waits longer for an Airflow that is silent than twelve seconds', () => {
  expect(CALL_LIMIT.ms).toBeLessThan(12_000);
});

test.each(FAULTS)('an Airflow that %s is named as that, whatever it is wanted for', async (fault) => {
  const broken = await breakServer(PORT, fault);
  onTestFinished(broken.close);
  if (fault === 'hangs') CALL_LIMIT.ms = 100;
  const { signal } = new AbortController();
  for (const line of LINES)
    expect({ line, ...(await play(line, folder, signal)) }).toEqual({ line, ...OUTCOMES[fault] });
});

test.each(LINES)('Ctrl-C while Airflow hangs ends %s at once', async (line) => {
  const broken = await breakServer(PORT, 'hangs');
  onTestFinished(broken.close);
  const interruption = new Interruption(() => expect.fail('the process was ended'));
  const running = play(line, folder, interruption.signal);
  await broken.asked();
  interruption.receive('SIGINT');
  const started = performance.now();
  expect(await running).toMatchObject({ code: 'CANCELLED', exitCode: 130 });
  expect(performance.now() - started).toBeLessThan(usual / 2);
  await broken.left();
});

import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { LIMITS } from '../../src/engine/limits.js';
import { Interruption } from '../../src/output/interruption.js';
import { type BrokenEngine, breakEngine, FAULTS, type Fault, REFUSAL } from '../unit-engine/broken-engine.js';
import { playScene } from './faults.js';
import { type Outcome, play } from './play-command.js';

/** A line of every command that asks an engine. */
const LINES = [
  'up',
  'down',
  'down --volumes --yes',
  'restart',
  'restart redis',
  'status',
  'logs',
  'logs --follow redis',
  'exec redis true',
  'airflow version',
  'dags list',
  'dags errors',
  'dags trigger hello',
  'dags test hello',
  'test',
  'db init',
  'images list',
  'images build',
  'images prune',
  'init --yes --rotate AIRFLOW__CORE__FERNET_KEY',
];

const SAYS: Record<Fault, string> = {
  hangs: 'the Docker Engine does not answer: no answer within 0.1 s',
  resets: 'the Docker Engine does not answer: it closes the connection',
  refuses: `says: ${REFUSAL}`,
  babbles: 'the Docker Engine does not answer: something answers there, but it is not a Docker Engine',
  closes: 'the Docker Engine does not answer: it closes the connection',
};

const { home, folder } = playScene();
const usual = { ...LIMITS };
afterEach(() => {
  Object.assign(LIMITS, usual);
});

/** An engine that is broken, at which every command looks. */
async function broken(fault: Fault, found: boolean): Promise<BrokenEngine> {
  const engine = await breakEngine(home, fault, found);
  onTestFinished(engine.close);
  vi.stubEnv('DOCKER_HOST', engine.host);
  return engine;
}

/** How many commands run at once: each reads the whole catalog, and who is kept from the event loop takes an engine for silent. */
const AT_ONCE = 4;

/** All of them at once keep each other waiting. */
const PATIENT = { dial: 60_000, connect: 60_000 };

/** What becomes of each line. */
async function outcomes(lines: string[]) {
  const found: Record<string, Outcome> = {};
  const left = [...lines];
  const worker = async () => {
    for (let line = left.shift(); line !== undefined; line = left.shift())
      found[line] = await play(line, folder, new AbortController().signal);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return found;
}

const all = (lines: string[], outcome: object) => Object.fromEntries(lines.map((line) => [line, outcome]));

describe.each(FAULTS)('an engine that %s', (fault) => {
  test('when it is looked for is not found, whatever it is wanted for', async () => {
    await broken(fault, false);
    if (fault === 'hangs') LIMITS.dial = 100;
    const message = expect.stringContaining('but no Docker Engine answers there');
    const lines = [...LINES, 'watch', 'engine status', 'engine env'];
    expect(await outcomes(lines)).toEqual(all(lines, { code: 'ENGINE_NOT_FOUND', exitCode: 1, message }));
  });

  test('once it was found is named as that, whatever it is wanted for', async () => {
    const engine = await broken(fault, true);
    if (fault === 'hangs') Object.assign(LIMITS, { answer: 100, work: 100 });
    const message = expect.stringContaining(SAYS[fault]);
    expect(await outcomes(LINES)).toEqual(all(LINES, { code: 'ENGINE_FAILED', exitCode: 1, message }));
    await engine.left();
  });
});

test.each([
  ['looked for', false],
  ['asked', true],
])('Ctrl-C while an engine that hangs is %s ends every command at once', async (_, found) => {
  const engine = await broken('hangs', found);
  Object.assign(LIMITS, PATIENT, found && { answer: 60_000, work: 60_000 });
  const ended: Record<string, Outcome> = {};
  const interruption = new Interruption(() => expect.fail('the process was ended'));
  const running = LINES.map(async (line) => {
    ended[line] = await play(line, folder, interruption.signal);
  });
  // each of them waits by now
  await vi.waitFor(async () => expect(await engine.open()).toBeGreaterThanOrEqual(LINES.length), 20_000);
  expect(ended).toEqual({});
  interruption.receive('SIGINT');
  const started = performance.now();
  await Promise.all(running);
  expect(performance.now() - started).toBeLessThan(usual.answer / 2);
  expect(ended).toEqual(all(LINES, { code: 'CANCELLED', exitCode: 130, message: expect.any(String) }));
  await engine.left();
});

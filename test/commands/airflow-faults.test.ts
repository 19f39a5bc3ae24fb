import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { CALL_LIMIT } from '../../src/airflow/api/rest-calls.js';
import { COMMANDS } from '../../src/commands/table.js';
import { init } from '../../src/setup/init.js';
import { breakServer, FAULTS, type Fault, REFUSAL } from '../unit-engine/broken-engine.js';
import { playEngine } from '../unit-engine/play-engine.js';
import { HOME, type Outcome, play } from './play-command.js';
import { playTools } from './play-tools.js';

/** A line of every command that asks Airflow's REST API. */
const LINES = [
  'dags list',
  'dags errors',
  'dags trigger hello',
  'dags trigger hello --wait',
  'watch',
  'watch hello',
];
const PORT = 18_877;

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

vi.setConfig({ testTimeout: 40_000 });

let home: string;
let folder: string;
beforeAll(async () => {
  await Promise.all(Object.values(COMMANDS).map(({ load }) => load()));
  home = mkdtempSync(join(tmpdir(), 'gather-faults-'));
  folder = join(home, 'project');
  for (const [name, value] of Object.entries(playTools(home))) vi.stubEnv(name, value);
  await init({
    folder,
    compose: join(HOME, 'compose'),
    examples: HOME,
    topology: 'celery',
    set: new Map([['AIRFLOW_WEB_PORT', String(PORT)]]),
    rotate: new Set(),
    rederive: new Set(),
  });
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true });
});

// each asks the engine, too, whose stack it is: that one is well
beforeEach(async () => {
  const engine = await playEngine(home);
  vi.stubEnv('DOCKER_HOST', engine.host);
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  return engine.close;
});
const usual = CALL_LIMIT.ms;
afterEach(() => {
  vi.restoreAllMocks();
  CALL_LIMIT.ms = usual;
});

test('by default nobody waits longer for an Airflow that is silent than twelve seconds', () => {
  expect(CALL_LIMIT.ms).toBeLessThan(12_000);
});

test.each(FAULTS)('an Airflow that %s is named as that, whatever it is wanted for', async (fault) => {
  const broken = await breakServer(PORT, fault);
  onTestFinished(broken.close);
  if (fault === 'hangs') CALL_LIMIT.ms = 400;
  const signal = new AbortController().signal;
  for (const line of LINES)
    expect({ line, ...(await play(line, folder, signal)) }).toEqual({ line, ...OUTCOMES[fault] });
});

test.each(LINES)('Ctrl-C while Airflow hangs ends %s at once', async (line) => {
  const broken = await breakServer(PORT, 'hangs');
  onTestFinished(broken.close);
  const stop = new AbortController();
  const running = play(line, folder, stop.signal);
  await broken.asked();
  stop.abort();
  const started = performance.now();
  expect(await running).toMatchObject({ code: 'CANCELLED', exitCode: 130 });
  expect(performance.now() - started).toBeLessThan(usual / 2);
  await vi.waitFor(async () => expect(await broken.open()).toBe(0));
});

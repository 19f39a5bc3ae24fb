import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  onTestFinished,
  test,
  vi,
} from 'vitest';
import { COMMANDS } from '../../src/commands/table.js';
import { LIMITS } from '../../src/engine/limits.js';
import { init } from '../../src/setup/init.js';
import { breakEngine, FAULTS, type Fault, REFUSAL } from '../unit-engine/broken-engine.js';
import { HOME, type Outcome, play } from './play-command.js';
import { playTools } from './play-tools.js';

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
  hangs: 'the Docker Engine does not answer: no answer within 0.4 s',
  resets: 'the Docker Engine does not answer: it closes the connection',
  refuses: `says: ${REFUSAL}`,
  babbles: 'the Docker Engine does not answer: something answers there, but it is not a Docker Engine',
  closes: 'the Docker Engine does not answer: it closes the connection',
};

const usual = { ...LIMITS };
vi.setConfig({ testTimeout: 40_000 });

// as the build does it: two hundred commands read the same components
vi.mock('../../src/project/parsed-yaml.js', async () => {
  const { parseDocument } = await import('yaml');
  const parsed = new Map<string, unknown>();
  return {
    parsedAtBuild(text: string): unknown {
      if (!parsed.has(text)) parsed.set(text, parseDocument(text, { merge: true }).toJS());
      return parsed.get(text);
    },
  };
});

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
    set: new Map(),
    rotate: new Set(),
    rederive: new Set(),
  });
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true });
});
beforeEach(() => {
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
});
afterEach(() => {
  vi.restoreAllMocks();
  Object.assign(LIMITS, usual);
});

/** How many commands run at once: each reads the whole catalog, and who is kept from the event loop takes an engine for silent. */
const AT_ONCE = 4;

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
    const broken = await breakEngine(home, fault, false);
    onTestFinished(broken.close);
    vi.stubEnv('DOCKER_HOST', broken.host);
    if (fault === 'hangs') LIMITS.dial = 400;
    const message = expect.stringContaining('but no Docker Engine answers there');
    const lines = [...LINES, 'watch', 'engine status', 'engine env'];
    expect(await outcomes(lines)).toEqual(all(lines, { code: 'ENGINE_NOT_FOUND', exitCode: 1, message }));
  });

  test('once it was found is named as that, whatever it is wanted for', async () => {
    const broken = await breakEngine(home, fault, true);
    onTestFinished(broken.close);
    vi.stubEnv('DOCKER_HOST', broken.host);
    if (fault === 'hangs') Object.assign(LIMITS, { answer: 400, work: 400 });
    const message = expect.stringContaining(SAYS[fault]);
    expect(await outcomes(LINES)).toEqual(all(LINES, { code: 'ENGINE_FAILED', exitCode: 1, message }));
    await vi.waitFor(async () => expect(await broken.open()).toBe(0));
  });
});

test.each([
  ['looked for', false],
  ['asked', true],
])('Ctrl-C while an engine that hangs is %s ends every command at once', async (_, found) => {
  const broken = await breakEngine(home, 'hangs', found);
  onTestFinished(broken.close);
  vi.stubEnv('DOCKER_HOST', broken.host);
  // twenty commands that begin at once keep each other from the answers
  if (found) LIMITS.dial = 60_000;
  const ended: Record<string, Outcome> = {};
  const stop = new AbortController();
  const running = LINES.map(async (line) => {
    ended[line] = await play(line, folder, stop.signal);
  });
  // each of them waits by now
  await vi.waitFor(async () => expect(await broken.open()).toBeGreaterThanOrEqual(LINES.length), 20_000);
  expect(ended).toEqual({});
  stop.abort();
  const started = performance.now();
  await Promise.all(running);
  expect(performance.now() - started).toBeLessThan(LIMITS.answer / 2);
  expect(ended).toEqual(all(LINES, { code: 'CANCELLED', exitCode: 130, message: expect.any(String) }));
  await vi.waitFor(async () => expect(await broken.open()).toBe(0));
});

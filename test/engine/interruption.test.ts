import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BrokenEngine, breakEngine } from '../unit-engine/broken-engine.js';
import { emptyFolder, gather, gatherOk, HOME } from './gather.js';

const folder = emptyFolder('interruption');
let frozen: BrokenEngine;

beforeAll(async () => {
  await gatherOk(['init', '--yes'], { cwd: folder });
  frozen = await breakEngine(folder, 'hangs', true);
});
afterAll(async () => {
  await frozen.close();
  rmSync(folder, { recursive: true });
});

/** A command against an engine that is frozen, told to end once it has been waiting for a while. */
async function stop(line: string, signal: NodeJS.Signals) {
  const connections = await frozen.open();
  const running = execa('node', [join(HOME, 'dist/main.js'), '--output', 'json', ...line.split(' ')], {
    cwd: folder,
    env: { DOCKER_HOST: frozen.host },
    reject: false,
    stdin: 'ignore',
  });
  while ((await frozen.open()) <= connections) await new Promise((resolve) => setTimeout(resolve, 50));
  const started = Date.now();
  running.kill(signal);
  const { exitCode, stdout } = await running;
  const lines = stdout.split('\n').map((one) => JSON.parse(one) as Record<string, unknown>);
  return { exitCode, last: lines.at(-1), seconds: (Date.now() - started) / 1000 };
}

test.each([
  ['down', 'SIGINT', 130],
  ['up', 'SIGTERM', 143],
  ['images build', 'SIGHUP', 129],
  ['exec redis true', 'SIGTERM', 143],
  ['logs --follow', 'SIGINT', 130],
] as const)('%s, told to end by %s, ends at once with %i and an error line', async (line, signal, code) => {
  const { exitCode, last, seconds } = await stop(line, signal);
  expect(exitCode).toBe(code);
  expect(last).toMatchObject({ type: 'error', code: 'CANCELLED' });
  expect(seconds).toBeLessThan(3);
});

test.each(['exec redis true', 'down', 'restart', 'logs', 'db init'])(
  'Compose itself would wait for a frozen engine for ever: %s does not',
  async (line) => {
    const started = Date.now();
    const env = { DOCKER_HOST: frozen.host };
    const { code, stdout } = await gather(['--output', 'json', ...line.split(' ')], { cwd: folder, env });
    expect(code).toBe(1);
    expect(JSON.parse(stdout.split('\n').at(-1) ?? '')).toMatchObject({
      code: 'ENGINE_FAILED',
      message: 'the Docker Engine does not answer: no answer within 8 s',
    });
    // eight seconds, and what a busy machine takes to start and to end Compose
    expect(Date.now() - started).toBeLessThan(15_000);
  },
);

test('a line that is not understood is an error line, too', async () => {
  const { code, stdout } = await gather(['down', '--output=json', '--volume'], { cwd: folder });
  expect(code).toBe(2);
  expect(JSON.parse(stdout)).toMatchObject({
    type: 'error',
    code: 'USAGE',
    message: expect.stringContaining("unknown option '--volume'"),
  });
});

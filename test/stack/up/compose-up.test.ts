import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startCompose } from '../../../src/stack/up/compose-up.js';
import { PLAY_ENGINE } from '../../unit-engine/play-engine.js';
import { playProject } from '../play-project.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gather-compose-up-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Starts a Compose that is this shell script. */
function start(script: string, signal = new AbortController().signal, profiles: string[] = []) {
  const program = join(folder, 'compose');
  writeFileSync(program, `#!/bin/sh\n${script}\n`);
  chmodSync(program, 0o755);
  const engine = { ...PLAY_ENGINE, compose: [program] };
  const stack = { engine, project: playProject('', folder), profiles, signal };
  return startCompose(stack, (text) => text.replaceAll('hunter2', '***'), signal);
}

test('the stack is started with the profiles in use, and nothing is built', async () => {
  const compose = start('echo "$*" >asked', undefined, ['flower']);
  expect(compose.endedAt).toBeUndefined();
  await compose.ended;
  expect(compose.endedAt).toBeGreaterThan(Date.now() - 60_000);
  expect(compose.error).toBeUndefined();
  expect(readFileSync(join(folder, 'asked'), 'utf8')).toBe(
    '--profile flower up --detach --no-build --remove-orphans --quiet-pull\n',
  );
});

test('what Compose says when it cannot is told, its last lines without secrets', async () => {
  const compose = start(
    'for i in 1 2 3 4 5 6 7 8 9 10 11; do echo "line $i"; done; echo "no: hunter2" >&2; exit 1',
  );
  await compose.ended;
  expect(compose.error).toMatchObject({
    code: 'STACK_UNHEALTHY',
    message: 'docker compose could not start the stack',
    hints: ['gather logs', 'gather status'],
  });
  expect(compose.error?.details).toHaveLength(10);
  expect(compose.error?.details.at(-1)).toBe('no: ***');
});

test('what it means is told where that is known, and what helps', async () => {
  const compose = start('echo "write /var/lib/docker: no space left on device" >&2; exit 1');
  await compose.ended;
  expect(compose.error?.message).toBe("docker compose could not start the stack: the engine's disk is full");
  expect(compose.error?.hints).toEqual(['gather images prune', 'docker system df', 'gather logs']);
});

test('one that is told to end does, and has no error', async () => {
  const stop = new AbortController();
  const compose = start('touch running; exec sleep 60', stop.signal);
  await vi.waitFor(() => expect(existsSync(join(folder, 'running'))).toBe(true), {
    interval: 2,
    timeout: 5000,
  });
  stop.abort();
  await compose.ended;
  expect(compose.error).toBeUndefined();
});

import { expect, onTestFinished, test } from 'vitest';
import { connect } from '../../src/engine/api.js';
import { findEngine } from '../../src/engine/discover.js';
import { lastLogLines } from '../../src/stack/observe/last-lines.js';
import { docker, dockerOk } from './docker.js';

test.each([
  ['with a terminal', ['--tty']],
  ['without one', []],
])('the last words of a container %s are there', async (_, options) => {
  const signal = new AbortController().signal;
  const { engine } = await findEngine(signal);
  if (!engine) throw new Error('no engine answers');
  const images = await dockerOk(['images', '--quiet', '--filter', 'reference=localhost/gather/base']);
  const line = 'echo first; echo ü 2>&1; echo last >&2; exit 3';
  const [image = ''] = images.split('\n');
  const id = await dockerOk(['create', ...options, '--entrypoint', '/bin/sh', image, '-c', line]);
  onTestFinished(async () => void (await docker(['rm', '--force', id])));
  await dockerOk(['start', id]);
  expect(await dockerOk(['wait', id])).toBe('3');
  const api = await connect(engine, signal);
  // which of two pipes the engine reads first is its own affair
  expect((await lastLogLines(api, id, 20)).sort()).toEqual(['first', 'last', 'ü']);
  expect(await lastLogLines(api, id, 2)).toHaveLength(2);
});

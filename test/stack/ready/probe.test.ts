import { describe, expect, test } from 'vitest';
import type { ProbeSpec } from '../../../src/catalog/schema.js';
import type { EngineApi } from '../../../src/engine/api.js';
import type { StackContainer } from '../../../src/stack/observe/containers.js';
import { runProbe } from '../../../src/stack/ready/probe.js';
import { answering } from '../play-exec.js';

const WEB: StackContainer = {
  id: 'w',
  label: 'web-1',
  service: 'web',
  number: 1,
  state: 'healthy',
  exitCode: undefined,
  image: 'web:1',
  configHash: '',
  ports: [],
  waitsFor: [],
  networks: {},
};
const PROBE: ProbeSpec = {
  service: 'web',
  command: ['curl', 'http://localhost:${PORT}/health'],
  says: 'it answers',
};
const BODY: ProbeSpec = {
  ...PROBE,
  json: { 'metadatabase.status': 'healthy', 'scheduler.status': 'healthy' },
};

const probe = (client: EngineApi, spec: ProbeSpec, containers = [WEB]) =>
  runProbe(client, spec, containers, (name) => (name === 'PORT' ? '8080' : undefined));

describe('a probe', () => {
  test('runs its command with the variables filled in, and passes with exit code 0', async () => {
    const { client, ran } = answering('');
    expect(await probe(client, PROBE)).toEqual([
      { service: 'web', says: 'it answers', passed: true, problem: '' },
    ]);
    expect(ran).toEqual([['curl', 'http://localhost:8080/health']]);
  });

  test('fails with the last line of what the command said', async () => {
    expect(await probe(answering('one\ntwo\n', 7).client, PROBE)).toMatchObject([
      { passed: false, problem: 'two' },
    ]);
    expect(await probe(answering('', 7).client, PROBE)).toMatchObject([
      { passed: false, problem: 'exit code 7' },
    ]);
  });

  test('looks at the body, where Airflow says the truth while it answers 200', async () => {
    const body = JSON.stringify({ metadatabase: { status: 'healthy' }, scheduler: { status: null } });
    expect(await probe(answering(body).client, BODY)).toEqual([
      { service: 'web', says: 'metadatabase is healthy', passed: true, problem: expect.any(String) },
      {
        service: 'web',
        says: 'scheduler is healthy',
        passed: false,
        problem: 'scheduler.status is not there',
      },
    ]);
  });

  test('fails on an answer that is no JSON, and without a container', async () => {
    expect(await probe(answering('<html>').client, BODY)).toMatchObject([
      { passed: false },
      { passed: false },
    ]);
    const stopped = [{ ...WEB, state: 'exited' as const }];
    expect(await probe(answering('').client, PROBE, stopped)).toMatchObject([
      { passed: false, problem: 'web does not run' },
    ]);
  });
});

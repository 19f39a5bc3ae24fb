import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect, type EngineApi } from '../../src/engine/api.js';
import { isNotFound, unlessRefused } from '../../src/engine/failure.js';
import { LIMITS } from '../../src/engine/limits.js';
import { playClock } from '../play-clock.js';
import { type BrokenEngine, breakEngine, FAULTS, type Fault, REFUSAL } from './broken-engine.js';
import { PLAY_ENGINE, playEngine } from './play-engine.js';

/** Every question that there is, by its name. */
const CALLS: Record<keyof EngineApi, (docker: EngineApi) => Promise<unknown>> = {
  ping: (docker) => docker.ping(),
  listContainers: (docker) => docker.listContainers({ all: true, filters: { label: ['a=1'] } }),
  inspectContainer: (docker) => docker.inspectContainer('c'),
  containerLog: (docker) => docker.containerLog('c', 3),
  unpauseContainer: (docker) => docker.unpauseContainer('c'),
  restartContainer: (docker) => docker.restartContainer('c', 0),
  removeContainer: (docker) => docker.removeContainer('c'),
  exec: (docker) => docker.exec('c', ['true'], { timeoutMs: 200 }),
  readFile: (docker) => docker.readFile('c', '/f'),
  readImageFile: (docker) => docker.readImageFile('i:1', '/f'),
  events: (docker) => docker.events({ type: ['container'] }),
  listImages: (docker) => docker.listImages(),
  inspectImage: (docker) => docker.inspectImage('i:1'),
  imageHistory: (docker) => docker.imageHistory('i:1'),
  removeImage: (docker) => docker.removeImage('i:1'),
  listVolumes: (docker) => docker.listVolumes({ label: ['a=1'] }),
  createVolume: (docker) => docker.createVolume('v', { a: '1' }),
  removeVolume: (docker) => docker.removeVolume('v'),
  sees: (docker) => docker.sees('/p'),
};
const calls = Object.entries(CALLS);

/** Work on the engine's disk is waited for longer. */
const WORK: string[] = ['removeContainer', 'removeImage', 'removeVolume'];

const SAYS: Record<Fault, string> = {
  hangs: 'the Docker Engine does not answer: no answer within',
  resets: 'the Docker Engine does not answer: it closes the connection',
  refuses: `says: ${REFUSAL}`,
  babbles: 'the Docker Engine does not answer: something answers there, but it is not a Docker Engine',
  closes: 'the Docker Engine does not answer: it closes the connection',
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gather-api-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const engineAt = ({ host }: { host: string }) => ({ ...PLAY_ENGINE, host });

test('by default nobody waits longer for an engine that is silent than twelve seconds', () => {
  expect(LIMITS.answer + LIMITS.look).toBeLessThan(12_000);
  expect(LIMITS.dial * 2).toBeLessThan(12_000);
});

describe.each(FAULTS)('an engine that %s', (fault) => {
  let broken: BrokenEngine;
  beforeAll(async () => {
    broken = await breakEngine(folder, fault, false);
  });
  afterAll(() => broken.close());

  test.each(calls)('%s says so', async (name, call) => {
    const clock = playClock();
    const docker = await connect(engineAt(broken), undefined);
    const isOfContainer = name === 'exec' && fault === 'hangs';
    const refused = expect(call(docker)).rejects.toMatchObject(
      isOfContainer
        ? { code: 'COMMAND_FAILED', message: 'no answer within 0.2 s' }
        : {
            code: 'ENGINE_FAILED',
            exitCode: 1,
            message: expect.stringContaining(SAYS[fault]),
            hints: ['gather engine status', 'docker info'],
          },
    );
    if (fault === 'hangs') await clock.pass(WORK.includes(name) ? LIMITS.work : LIMITS.answer);
    await refused;
    await broken.left();
  });
});

test('an answer that breaks off is none', async () => {
  const clock = playClock();
  const broken = await breakEngine(folder, 'breaks off', false);
  const docker = await connect(engineAt(broken), undefined);
  const refused = expect(docker.listContainers()).rejects.toMatchObject({
    code: 'ENGINE_FAILED',
    message: 'the Docker Engine does not answer: no answer within 8 s',
  });
  await broken.asked();
  await clock.pass(LIMITS.answer);
  await refused;
  await broken.close();
});

test.each(calls)('Ctrl-C ends %s at once, and its connection', async (_, call) => {
  const broken = await breakEngine(folder, 'hangs', false);
  const stop = new AbortController();
  const asking = call(await connect(engineAt(broken), stop.signal));
  void broken.asked().then(() => stop.abort());
  await expect(asking).rejects.toMatchObject({ code: 'CANCELLED', exitCode: 130 });
  await broken.left();
  await broken.close();
});

test('who was stopped before asks nothing', async () => {
  const docker = await connect(PLAY_ENGINE, AbortSignal.abort());
  await expect(docker.ping()).rejects.toMatchObject({ code: 'CANCELLED' });
});

test('what is not there is told from an engine that is broken', async () => {
  const played = await playEngine(folder);
  const docker = await connect(engineAt(played), undefined);
  const error: unknown = await docker.inspectImage('none:1').catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'ENGINE_FAILED' });
  expect(isNotFound(error)).toBe(true);
  expect(await unlessRefused(docker.inspectImage('none:1'))).toBeUndefined();
  await played.close();
  const gone: unknown = await docker.ping().catch((thrown: unknown) => thrown);
  expect(gone).toMatchObject({ message: 'the Docker Engine does not answer: its socket is gone' });
  expect(isNotFound(gone)).toBe(false);
  await expect(unlessRefused(docker.inspectImage('none:1'))).rejects.toMatchObject({ code: 'ENGINE_FAILED' });
});

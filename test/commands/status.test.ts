import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Options } from '../../src/commands/command.js';
import { run } from '../../src/commands/status.js';
import { changeProject } from '../../src/project/transaction.js';
import type { StatusReport } from '../../src/stack/observe/status.js';
import { writeBootRecord } from '../../src/stack/up/boot-record.js';
import { PlayAirflow } from '../airflow/api/play-airflow.js';
import { PlayStack } from '../stack/play-stack.js';

let played: PlayStack;
beforeEach(async () => {
  played = await PlayStack.start();
  for (const [name, value] of Object.entries(played.env())) vi.stubEnv(name, value);
});
afterEach(() => {
  vi.unstubAllEnvs();
});

/** `gather status`: its lines, what a program reads, and the exit code. */
async function status(options: Options = {}) {
  const { text = '', data, exitCode } = await run(played.context(), [], options);
  return { lines: text.split('\n'), report: data as StatusReport, exitCode };
}
const found = (service: string) => played.docker.containers.find((one) => one.service === service)?.id ?? '';

describe('a stack', () => {
  test('that does not run is one line, and exit code 4', async () => {
    const { lines, report, exitCode } = await status();
    expect(lines).toEqual(['play does not run: gather up']);
    expect(exitCode).toBe(4);
    expect(report).toMatchObject({ usable: false, services: [], probes: [], drift: [] });
  });

  test('that is usable is told with each container, each part, its links and its last boot', async () => {
    played.comeUp();
    writeBootRecord(played.folder, {
      started: '2026-01-02T03:04:05.678Z',
      airflow: '2.11.2',
      seconds: 12.34,
      usable: true,
      phases: [],
      images: [],
      containers: [],
      probes: [],
    });
    const { lines, report, exitCode } = await status();
    expect(exitCode).toBe(0);
    expect(lines[0]).toBe('play: usable, Airflow 2.11.2, Docker Engine 26.1.5');
    expect(lines).toContainEqual(expect.stringMatching(/^ {2}airflow-worker-2 +healthy +airflow-worker:1$/));
    expect(lines).toContainEqual(expect.stringMatching(/^ {2}airflow-init-1 +done /));
    expect(lines).toContain('  ok  airflow-webserver: scheduler is healthy');
    expect(lines).toContainEqual(expect.stringMatching(/^ {2}Airflow +http:\/\/localhost:\d+\/$/));
    expect(lines.at(-1)).toBe('  Compose 2.29.7; last boot 2026-01-02 03:04 UTC: usable after 12.3 s');
    expect(report).toMatchObject({ usable: true, drift: [], topology: 'celery', compose: '2.29.7' });
    // nobody waits for a Flower that nobody has asked for
    expect(JSON.stringify(report)).not.toContain('flower');
  });

  test('of which a part says itself that it does not work is not usable, whatever Docker says', async () => {
    played.comeUp();
    const password = played.open().project.env.get('_AIRFLOW_WWW_USER_PASSWORD');
    played.docker.answer = (service) =>
      service === 'airflow-webserver'
        ? { stdout: '{"metadatabase":{"status":"healthy"},"scheduler":{"status":"unhealthy"}}' }
        : service === 'redis'
          ? { exitCode: 1, stdout: `no entry with ${password}` }
          : {};
    const { lines, exitCode } = await status();
    expect(exitCode).toBe(4);
    expect(lines[0]).toMatch(/^play: NOT usable/);
    expect(lines).toContain('  NOT airflow-webserver: scheduler is healthy: scheduler.status is unhealthy');
    expect(lines).toContain('  NOT redis: Redis answers: no entry with ***');
  });

  test('with a service that has ended, is gone or was cut off says which', async () => {
    played.comeUp();
    played.docker.die(found('redis'), 1);
    played.docker.remove(found('proxy'));
    const lone = played.docker.containers.find(({ service }) => service === 'airflow-scheduler');
    if (lone) lone.networks = {};
    const { lines, report, exitCode } = await status();
    expect(exitCode).toBe(4);
    expect(lines).toContainEqual(expect.stringMatching(/^ {2}redis-1 +exited /));
    expect(lines).toContainEqual(expect.stringMatching(/^ {2}proxy +missing/));
    expect(lines).toContainEqual(
      expect.stringMatching(
        /NOT airflow-scheduler: is on its networks: airflow-scheduler-1 is not connected to/,
      ),
    );
    expect(report.services.find(({ service }) => service === 'proxy')?.state).toBe('missing');
  });

  test('whose one-shot was cleared away is usable all the same', async () => {
    played.comeUp();
    played.docker.remove(found('airflow-init'));
    expect((await status()).exitCode).toBe(0);
  });

  test('with a Flower that was started once says how that is, too, and where', async () => {
    played.comeUp(['flower']);
    const { lines } = await status();
    expect(lines).toContainEqual(expect.stringMatching(/^ {2}ok {2}flower: /));
    expect(lines).toContainEqual(expect.stringMatching(/^ {2}Flower +http/));
  });

  test('with ports that it publishes names them once', async () => {
    played.comeUp();
    const proxy = played.docker.containers.find(({ service }) => service === 'proxy');
    // one of IPv4, one of IPv6
    if (proxy) proxy.ports = [8088, 8088];
    const { report } = await status();
    expect(report.services.find(({ service }) => service === 'proxy')?.ports).toEqual([8088]);
  });
});

describe('what has changed since the start', () => {
  test('is told by its cause, and what brings it up to date', async () => {
    played.comeUp();
    played.tellDigests(['redis', 'proxy']);
    played.docker.start(
      played.docker.create('airflow-worker', { number: 3, folder: played.folder }),
      'healthy',
    );
    played.docker.start(played.docker.create('left-over', { folder: played.folder }), 'healthy');
    const { lines, report } = await status();
    expect(report.drift).toEqual([
      'airflow-worker: 3 of it where 2 are wanted',
      'left-over: nothing wants it any more',
      'proxy, redis: compose.yaml or .env has changed since the start',
    ]);
    expect(lines.filter((line) => line.startsWith('  changed since the start: '))).toHaveLength(3);
    expect(lines).toContain('  → gather up brings it up to date');
  });

  test('is a gather.yaml that is not rendered, and an image that is older than what it is built from', async () => {
    played.comeUp();
    rmSync(join(played.folder, 'compose.yaml'));
    played.images.clear();
    expect((await status()).report.drift).toEqual([
      'compose.yaml: not what gather.yaml says now',
      'an image is older than requirements.txt or what gather builds it from',
    ]);
  });

  test('cannot be told where Compose cannot read its files', async () => {
    played.comeUp();
    writeFileSync(join(played.place, 'digests'), '');
    const { report, exitCode } = await status();
    expect(report.drift).toEqual(['compose.yaml cannot be read: docker compose config says why']);
    expect(exitCode).toBe(0);
  });

  test('with an override that Compose cannot read, what the components say is still worth a look', async () => {
    played.comeUp();
    writeFileSync(join(played.folder, 'compose.override.yaml'), 'services: [\n');
    played.onOther = () => ({ exitCode: 15, said: 'yaml: line 2: did not find expected node content' });
    const { report, exitCode } = await status();
    expect(exitCode).toBe(0);
    expect(report.services.length).toBeGreaterThan(5);
  });
});

describe('the DAGs', () => {
  test('are counted, with those that cannot be imported', async () => {
    const airflow = await PlayAirflow.start(2);
    onTestFinished(() => airflow.stop());
    airflow.addDag('hello');
    airflow.addDag('daily', { is_paused: true });
    airflow.broken.set('/opt/airflow/dags/bad.py', 'Traceback\nSyntaxError: no');
    await changeProject(played.folder, {}, (draft) => {
      const { env } = draft;
      env.set('AIRFLOW_WEB_PORT', String(airflow.port));
      env.set('_AIRFLOW_WWW_USER_USERNAME', airflow.login.username);
      env.set('_AIRFLOW_WWW_USER_PASSWORD', airflow.login.password);
      draft.save();
    });
    played.comeUp();
    const { lines, report } = await status();
    expect(lines).toContain('  DAGs: 2, 1 of them paused, 1 cannot be imported');
    expect(lines).toContain('  ✖ dags/bad.py: SyntaxError: no');
    expect(report.dags).toMatchObject({ dags: 2, paused: 1 });
  });

  test('are left out while Airflow does not answer', async () => {
    played.comeUp();
    const { lines, report } = await status();
    expect(report.dags).toBeUndefined();
    expect(lines.some((line) => line.includes('DAGs'))).toBe(false);
  });
});

test('--format env is for a shell: every value quoted, no secret', async () => {
  played.comeUp();
  const { lines } = await status({ format: 'env' });
  expect(lines.slice(0, 4)).toEqual([
    "GATHER_STACK='play'",
    `GATHER_FOLDER='${played.folder}'`,
    "GATHER_USABLE='true'",
    "GATHER_AIRFLOW_VERSION='2.11.2'",
  ]);
  expect(lines.slice(4)).toContainEqual(expect.stringMatching(/^GATHER_URL_AIRFLOW='http:\S+'$/));
  await expect(status({ format: 'yaml' })).rejects.toMatchObject({
    code: 'USAGE',
    message: '--format yaml: there is only env',
  });
});

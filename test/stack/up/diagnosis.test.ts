import { describe, expect, test } from 'vitest';
import { listContainers } from '../../../src/stack/observe/containers.js';
import { causesOf, explainFailure, type Failure } from '../../../src/stack/up/diagnosis.js';
import { ownBlueprint } from '../../catalog/play-catalog.js';
import { PlayDocker } from '../play-docker.js';

/** What gather's own components know of logs. */
const CAUSES = causesOf(ownBlueprint());

/** What a person is told of one container that failed like this. */
async function explained(log: string, reason: Failure['reason'], exitCode: number | undefined, health = '') {
  const docker = new PlayDocker();
  const id = docker.create('airflow-worker', { number: 2, log });
  docker.start(id);
  if (reason === 'unhealthy') docker.health(id, 'unhealthy', health);
  else docker.die(id, exitCode ?? 0);
  const [container] = await listContainers(docker.client, docker.project, {
    oneShots: new Set(),
    idle: new Set(),
  });
  if (!container) throw new Error('the container is not listed');
  return explainFailure(
    docker.client,
    { container, reason, exitCode },
    ['flower', 'proxy'],
    CAUSES,
    (text: string) => text.replaceAll('hunter2', '***'),
  );
}

describe('a container that ended', () => {
  test('is named with its exit code, its last lines, who waits for it and what to try', async () => {
    const log = Array.from({ length: 30 }, (_, i) => `line ${i}`).join('\n');
    const error = await explained(log, 'exited', 3);
    expect(error).toMatchObject({
      code: 'STACK_UNHEALTHY',
      exitCode: 4,
      message: 'airflow-worker-2 ended with exit code 3',
    });
    expect(error.details[0]).toBe('waiting for it: flower, proxy');
    const lines = error.details.filter((line) => line.startsWith('| '));
    expect(lines).toHaveLength(20);
    expect(lines.at(-1)).toBe('| line 29');
    expect(error.hints).toEqual(['gather logs airflow-worker', 'gather restart airflow-worker']);
  });

  test('without a word is said so', async () => {
    expect((await explained('', 'exited', 1)).details).toContain('it wrote nothing');
  });

  test('shows no secret', async () => {
    const error = await explained('password is hunter2', 'exited', 1);
    expect(JSON.stringify([error.message, error.details, error.hints])).not.toContain('hunter2');
    expect(error.details.at(-1)).toBe('| password is ***');
  });
});

describe('one that was never started', () => {
  const unstarted = async (said: string) => {
    const docker = new PlayDocker();
    docker.create('airflow-worker');
    const [container] = await listContainers(docker.client, docker.project, {
      oneShots: new Set(),
      idle: new Set(),
    });
    if (!container) throw new Error('the container is not listed');
    const failure: Failure = { container, reason: 'not started', exitCode: undefined, said };
    return explainFailure(docker.client, failure, ['proxy'], CAUSES, (text: string) =>
      text.replace('hunter2', '***'),
    );
  };

  test('is told of in the words of the engine', async () => {
    const error = await unstarted('no space left on device: hunter2');
    expect(error.message).toBe("airflow-worker-1 could not be started: the engine's disk is full");
    expect(error.details).toEqual(['waiting for it: proxy', 'the engine says: no space left on device: ***']);
  });

  test('is not explained by what those words would mean in a log', async () => {
    const error = await unstarted('OCI runtime create failed: exec "/run.sh": permission denied');
    expect(error.message).toBe('airflow-worker-1 could not be started');
    expect(error.hints).toEqual(['gather up tries it again', 'gather status']);
  });
});

test.each([
  ['out of memory', 137],
  ['exited', 137],
] as const)('one that was killed (%s, %d) most likely had too little memory', async (reason, exitCode) => {
  expect((await explained('', reason, exitCode)).message).toContain('want of memory');
});

test('one whose health check fails shows what the check said', async () => {
  const error = await explained('all is well', 'unhealthy', undefined, '\ncurl: (7) refused hunter2\n');
  expect(error.message).toBe('airflow-worker-2 runs, but its health check fails');
  expect(error.details).toContain('health check: curl: (7) refused ***');
});

test.each([
  [
    'FATAL:  password authentication failed for user "a"',
    /another password/,
    'gather db init gives the role',
  ],
  ['FATAL:  role "airflow_user" does not exist', /role or database is missing/, 'gather db init'],
  ['FATAL:  database "airflow_db" does not exist', /role or database is missing/, 'gather db init'],
  ['database files are incompatible with server', /another major version/, 'POSTGRES_IMAGE'],
  ['write failed: No space left on device', /disk is full/, 'gather images prune'],
  ['exec /entrypoint: exec format error', /another processor/, 'gather images build'],
  [
    "PermissionError: [Errno 13] Permission denied: '/opt/airflow/logs/x'",
    /cannot be written by the user id/,
    'chown',
  ],
  [
    'File "/opt/airflow/config/airflow_local_settings.py", line 1',
    /airflow_local_settings\.py cannot be imported/,
    'correct config',
  ],
  ["ModuleNotFoundError: No module named 'pandas'", /Python package is missing/, 'requirements.txt'],
  ['cryptography.fernet.InvalidToken', /Fernet key/, 'put the old'],
])('the line %j is explained', async (line, means, hint) => {
  const error = await explained(`before\n${line}\nafter`, 'exited', 1);
  expect(error.message).toMatch(means);
  expect(error.hints.join('\n')).toContain(hint);
  expect(error.hints.length).toBeLessThanOrEqual(3);
});

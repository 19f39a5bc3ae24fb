import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../engine/docker.js';
import { emptyFolder, gather, gatherJson, gatherOk } from '../engine/gather.js';

/** The provider versions of the platform that is mirrored. */
const REQUIREMENTS = ['postgres==5.12.0', 'docker', 'microsoft-azure==10.5.0', 'celery==3.8.2'].map(
  (name) => `apache-airflow-providers-${name}`,
);
const cwd = emptyFolder('airflow-2-10');

beforeAll(async () => {
  await gatherOk(['init', '--yes', '--airflow', '2.10.2'], { cwd });
  writeFileSync(join(cwd, 'requirements.txt'), `${REQUIREMENTS.join('\n')}\n`);
});
afterAll(async () => {
  await gatherOk(['down', '--volumes', '--yes'], { cwd });
  rmSync(cwd, { recursive: true });
});

test('Airflow 2.10.2 boots with the providers of production, and a DAG runs on its workers', async () => {
  const up = await gather(['up', '--timeout', '240'], { cwd });
  expect(up, up.stderr).toMatchObject({ code: 0 });
  const { stdout } = await gatherOk(['exec', 'airflow-worker', '--', 'python', '-m', 'pip', 'freeze'], {
    cwd,
  });
  for (const line of ['apache-airflow==2.10.2', ...REQUIREMENTS.filter((one) => one.includes('=='))])
    expect(stdout.split('\n')).toContain(line);

  const { links } = await gatherJson<{ links: Record<string, string> }>(['status'], { cwd });
  const value = async (name: string) =>
    (await gatherJson<{ value: string }>(['env', 'get', name], { cwd })).value;
  const login = `${await value('_AIRFLOW_WWW_USER_USERNAME')}:${await value('_AIRFLOW_WWW_USER_PASSWORD')}`;
  const headers = {
    authorization: `Basic ${Buffer.from(login).toString('base64')}`,
    'content-type': 'application/json',
  };
  const api = async (method: string, path: string, body?: object) => {
    const answer = await fetch(`${links.Airflow}api/v1/dags/${path}`, {
      method,
      headers,
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    return { status: answer.status, body: (await answer.json()) as { state?: string } };
  };
  await until(
    () => api('PATCH', 'hello_taskflow', { is_paused: false }),
    ({ status }) => status === 200,
  );
  expect((await api('POST', 'hello_taskflow/dagRuns', { dag_run_id: 'by-hand' })).status).toBe(200);
  await until(
    () => api('GET', 'hello_taskflow/dagRuns/by-hand'),
    ({ body }) => body.state === 'success' || body.state === 'failed',
  );
  expect((await api('GET', 'hello_taskflow/dagRuns/by-hand')).body.state).toBe('success');
});

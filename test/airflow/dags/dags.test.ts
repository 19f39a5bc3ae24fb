import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { brokenFile, dagSummary, restOf, unknownDag, webSite } from '../../../src/airflow/dags/dags.js';
import { EnvFile } from '../../../src/project/dotenv.js';
import { reachOf } from '../../../src/stack/observe/reach.js';
import { foldedWanted } from '../../../src/stack/observe/wanted.js';
import { type OpenProject, openProject } from '../../../src/stack/open.js';
import { PlayAirflow } from '../api/play-airflow.js';

const HOME = fileURLToPath(new URL('../../..', import.meta.url));
const TRACE = `Traceback (most recent call last):
  File "<frozen importlib._bootstrap>", line 241, in _call_with_frames_removed
  File "/opt/airflow/dags/team/report.py", line 12, in <module>
    import nothing
ModuleNotFoundError: No module named 'nothing'`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gather-dags-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A project whose `.env` says that its web server is there. */
function project(env: Record<string, string>, version = '2.11.2'): OpenProject {
  writeFileSync(join(folder, 'gather.yaml'), `topology: celery\nairflow: ${version}\n`);
  const file = EnvFile.parse('', join(folder, '.env'));
  for (const [name, value] of Object.entries(env)) file.set(name, value, { section: 'Test' });
  writeFileSync(join(folder, '.env'), file.toString());
  return openProject(folder, HOME);
}

const loginOf = ({ port, login }: PlayAirflow) => ({
  AIRFLOW_WEB_PORT: String(port),
  _AIRFLOW_WWW_USER_USERNAME: login.username,
  _AIRFLOW_WWW_USER_PASSWORD: login.password,
});

const summaryOf = (open: OpenProject, timeoutMs?: number) =>
  dagSummary(open, reachOf(open, foldedWanted(open)), undefined, timeoutMs);

describe.each([
  [2, '2.11.2'],
  [3, '3.3.2'],
])('the summary of Airflow %i', (major, version) => {
  let airflow: PlayAirflow;
  beforeEach(async () => {
    airflow = await PlayAirflow.start(major);
    airflow.addDag('on');
    airflow.addDag('off', { is_paused: true });
    airflow.broken.set('/opt/airflow/dags/team/report.py', TRACE);
  });
  afterEach(() => airflow.stop());

  test('counts DAGs and names the broken files', async () => {
    expect(await summaryOf(project(loginOf(airflow), version))).toEqual({
      dags: 2,
      paused: 1,
      importErrors: [
        { file: 'dags/team/report.py', message: "ModuleNotFoundError: No module named 'nothing'" },
      ],
    });
  });

  test('is not there when Airflow hangs, refuses or is gone, and the wait is short', async () => {
    const open = project(loginOf(airflow), version);
    airflow.isHung = true;
    const since = Date.now();
    expect(await summaryOf(open, 100)).toBeUndefined();
    expect(Date.now() - since).toBeLessThan(1500);
    airflow.isHung = false;
    const other = project({ ...loginOf(airflow), _AIRFLOW_WWW_USER_PASSWORD: 'another' }, version);
    expect(await summaryOf(other)).toBeUndefined();
    await airflow.stop();
    expect(await summaryOf(open)).toBeUndefined();
  });

  test('an unknown DAG is told with the nearest name, or the broken file that may hold it', async () => {
    airflow.addDag('hello_taskflow');
    expect(await unknownDag(await restOf(project(loginOf(airflow), version)), 'helo_taskflow')).toMatchObject(
      {
        code: 'DAG_NOT_FOUND',
        message: 'Airflow knows no DAG "helo_taskflow"; did you mean "hello_taskflow"?',
        details: [
          "dags/team/report.py:12 cannot be imported: ModuleNotFoundError: No module named 'nothing'",
        ],
      },
    );
  });
});

describe('where Airflow is', () => {
  const login = { _AIRFLOW_WWW_USER_USERNAME: 'ada', _AIRFLOW_WWW_USER_PASSWORD: 'x' };

  test('the port that the web server itself publishes, at the address it is bound to', async () => {
    const port = { AIRFLOW_WEB_PORT: '8181', ...login };
    expect((await restOf(project(port))).base).toBe('http://127.0.0.1:8181');
    expect((await restOf(project({ ...port, GATHER_BIND: '0.0.0.0' }))).base).toBe('http://127.0.0.1:8181');
    expect((await restOf(project({ ...port, GATHER_BIND: '192.0.2.7' }))).base).toBe('http://192.0.2.7:8181');
    expect((await restOf(project({ ...port, GATHER_BIND: '[::1]' }))).base).toBe('http://[::1]:8181');
    expect((await restOf(project({ ...port, GATHER_BIND: '[::]' }))).base).toBe('http://[::1]:8181');
    expect((await restOf(project(port, '3.3.2'))).base).toBe('http://127.0.0.1:8181');
  });

  test('people come in through the proxy', () => {
    const open = project({ PROXY_PORT: '8088' });
    expect(webSite(open, reachOf(open, foldedWanted(open)))).toBe('http://localhost:8088/');
  });

  test('without a login in .env, the variable that is missing is named', async () => {
    await expect(restOf(project({ _AIRFLOW_WWW_USER_USERNAME: 'ada' }))).rejects.toMatchObject({
      code: 'ENV_INVALID',
      hints: ['gather env set _AIRFLOW_WWW_USER_PASSWORD'],
    });
  });
});

test('of a traceback, the last line says why and the last frame in the file says where', () => {
  expect(brokenFile({ file: 'dags/team/report.py', path: 'team/report.py', trace: TRACE })).toMatchObject({
    file: 'dags/team/report.py',
    line: 12,
    message: "ModuleNotFoundError: No module named 'nothing'",
  });
  expect(brokenFile({ file: 'a.py', path: 'a.py', trace: '' })).toMatchObject({
    line: undefined,
    message: 'no reason given',
  });
});

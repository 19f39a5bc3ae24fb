import { chownSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AirflowRest } from '../../src/airflow/api/rest.js';
import { Catalog } from '../../src/catalog/catalog.js';
import { rootTag } from '../../src/images/plan.js';
import { containersOf, dockerOk, until } from '../engine/docker.js';
import { emptyFolder, gatherJson, gatherOk, HOME } from '../engine/gather.js';
import { GitProject } from '../engine/git-project.js';
import { type GitServer, startGitServer } from '../engine/git-server.js';

/** The topology `git-sync` with Airflow 3: git-sync first, then Airflow's own GitDagBundle in its place. */
const cwd = emptyFolder('git-sync-airflow-3');
const keys = emptyFolder('git-keys');
const login = { user: 'deploy', password: `p"a's $s\\w:%40 @/#é` };
const project = new GitProject(cwd);
let rest: AirflowRest;
let server: GitServer | undefined;

const envValue = async (name: string) =>
  (await gatherJson<{ value: string }>(['env', 'get', name], { cwd })).value;
const up = async (...init: string[]) => {
  await gatherOk(['init', '--yes', ...init], { cwd });
  await gatherOk(['up', '--yes'], { cwd });
};
/** Milliseconds until Airflow lists a DAG, and the file that it has it from. */
async function listed(id: string, seconds = 20): Promise<{ ms: number; file: string }> {
  const started = Date.now();
  const dag = await until(
    () => rest.dag(id),
    (found) => found !== undefined,
    seconds,
  );
  return { ms: Date.now() - started, file: dag?.file ?? '' };
}

beforeAll(async () => {
  await gatherOk(['init', '--yes', '--topology', 'git-sync', '--airflow', '3'], { cwd });
  await project.init();
  await gatherOk(['up', '--yes'], { cwd });
  const [username, password, port] = await Promise.all(
    ['_AIRFLOW_WWW_USER_USERNAME', '_AIRFLOW_WWW_USER_PASSWORD', 'AIRFLOW_WEB_PORT'].map(envValue),
  );
  const base = `http://localhost:${port}`;
  rest = new AirflowRest({ base, major: 3, login: { username: username ?? '', password: password ?? '' } });
});
afterAll(async () => {
  await server?.remove();
  await gatherOk(['down', '--volumes', '--yes'], { cwd });
  for (const folder of [cwd, keys]) rmSync(folder, { recursive: true });
});

test.each([
  ['git-sync', [], '/git/repo/dags/'],
  ['GitDagBundle', ['--component', 'git-dag-bundle'], '/tmp/airflow/dag_bundles/git/'],
])('%s: a commit is a DAG within 5 s, and the DAG runs', async (name, init, folder) => {
  if (init.length) await up(...init);
  expect((await containersOf(cwd)).has('git-sync-1')).toBe(name === 'git-sync');
  expect((await listed('hello_taskflow', 60)).file).toContain(folder);
  const id = name.toLowerCase().replace('-', '_');
  project.writeDag(`dags/${id}.py`, id);
  await project.commit();
  const { ms } = await listed(id);
  console.log(`commit → listed, ${name}: ${ms} ms`);
  expect(ms).toBeLessThan(5000);
  const { dags } = await gatherJson<{ dags: unknown[] }>(['dags', 'list'], { cwd });
  expect(dags).toContainEqual(expect.objectContaining({ id, file: `dags/${id}.py` }));
  // what a watch compares
  expect(await rest.code(id)).toBe(readFileSync(join(cwd, `dags/${id}.py`), 'utf8'));
  await gatherOk(['dags', 'trigger', id, '--wait'], { cwd });
});

test('GitDagBundle reads private repositories, over HTTP with a login and over SSH with a key', async () => {
  server = await startGitServer(keys, rootTag(Catalog.of(join(HOME, 'compose'), HOME)), login);
  const example = readFileSync(join(cwd, 'dags/hello_taskflow.py')).toString('base64');
  const write = (id: string) =>
    `mkdir -p dags && base64 -d <<<${example} | sed s/hello_taskflow/${id}/g > dags/${id}.py`;
  await server.commit(write('over_http'));
  const network = Object.keys(
    (await containersOf(cwd)).get('airflow-dag-processor-1')?.NetworkSettings.Networks ?? {},
  ).find((one) => one.endsWith('_airflow'));
  await dockerOk(['network', 'connect', '--alias', 'git-server', network ?? '', server.name]);

  const settings = (values: Record<string, string>) =>
    Object.entries(values).flatMap(([name, value]) => ['--set', `${name}=${value}`]);
  const inHttp = {
    GITSYNC_REPO: server.http,
    GITSYNC_USERNAME: login.user,
    GITSYNC_PASSWORD: login.password,
  };
  await up(...settings(inHttp));
  await listed('over_http', 60);

  await server.commit(write('over_ssh'));
  // what the project's person has, and Airflow's user may read
  chownSync(server.keyFile, Number(await envValue('AIRFLOW_UID')), 0);
  const ssh = { GIT_SYNC_SSH_KEY: server.keyFile, GIT_SYNC_KNOWN_HOSTS: server.knownHostsFile };
  await up(...settings({ GITSYNC_REPO: server.ssh, GITSYNC_USERNAME: '', GITSYNC_PASSWORD: '', ...ssh }));
  await listed('over_ssh', 60);
  await gatherOk(['dags', 'trigger', 'over_ssh', '--wait'], { cwd });
});

import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { AirflowApi } from '../engine/airflow-api.js';
import { containersOf, until } from '../engine/docker.js';
import { emptyFolder, gather, gatherJson, gatherOk, RunningGather } from '../engine/gather.js';
import { GitProject } from '../engine/git-project.js';

interface Status {
  usable: boolean;
  probes: { service: string; passed: boolean; problem: string }[];
}

/** The topology `git-sync` with the project's own git folder as the repository. */
const cwd = emptyFolder('git-sync-stack');
const project = new GitProject(cwd);
let api: AirflowApi;

const envValue = async (name: string) =>
  (await gatherJson<{ value: string }>(['env', 'get', name], { cwd })).value;

/** Milliseconds until Airflow lists a DAG. */
async function listed(id: string, seconds = 20): Promise<number> {
  const started = Date.now();
  const found = () =>
    api.get(`/dags/${id}`).then(
      () => true,
      () => false,
    );
  await until(found, (isThere) => isThere, seconds);
  return Date.now() - started;
}

beforeAll(async () => {
  await gatherOk(['init', '--yes', '--topology', 'git-sync'], { cwd });
  const early = await gather(['up', '--yes'], { cwd });
  expect([early.code, early.stderr]).toEqual([
    1,
    expect.stringContaining('which git-sync mounts, does not exist'),
  ]);
  await project.init();
  // in the folder, but in no commit
  project.writeDag('dags/draft.py', 'draft');
  const { links } = await gatherJson<{ links: Record<string, string> }>(['up', '--yes'], { cwd });
  const url = (links.Airflow ?? '').replace(/\/$/, '');
  const [username, password] = await Promise.all([
    envValue('_AIRFLOW_WWW_USER_USERNAME'),
    envValue('_AIRFLOW_WWW_USER_PASSWORD'),
  ]);
  api = new AirflowApi({ folder: cwd, proxyUrl: url, webUrl: url, username, password });
});
afterAll(async () => {
  await gatherOk(['down', '--volumes', '--yes'], { cwd });
  rmSync(cwd, { recursive: true });
});

test('the DAGs are those of the commit', async () => {
  await listed('hello_taskflow');
  const { dags } = await api.get<{ dags: { dag_id: string; fileloc: string }[] }>('/dags');
  expect(dags.map(({ dag_id }) => dag_id).sort()).toEqual([
    'deferrable_sensor',
    'docker_operator',
    'hello_taskflow',
    'mapped_task',
  ]);
  for (const { fileloc } of dags) expect(fileloc).toMatch(/^\/git\/repo\/dags\//);
});

test('git-sync sees the git folder, no .env, and nothing that it could write', async () => {
  const look = ['exec', 'git-sync', '--', 'bash', '-c', 'ls /repo; cat /repo/../.env; touch /repo/x'];
  const { stdout, stderr } = await gather(look, { cwd });
  expect(stdout.split('\n')).toEqual(expect.arrayContaining(['HEAD', 'objects', 'refs']));
  expect(stderr).toContain('cat: /repo/../.env: No such file');
  expect(stderr).toContain('Read-only file system');
});

test('a commit is a DAG within 5 s, and the DAG runs', async () => {
  project.writeDag('dags/pushed.py', 'pushed');
  await project.commit();
  const ms = await listed('pushed');
  console.log(`commit → listed: ${ms} ms`);
  expect(ms).toBeLessThan(5000);
  const run = await api.trigger('pushed', { name: 'Ada' });
  expect((await api.ended('pushed', run)).state).toBe('success');
  expect(await api.log('pushed', run, 'say')).toContain('Hello, Ada!');
});

test('what brings a DAG to Airflow is a commit: gather says so', async () => {
  const { stdout } = await gatherOk(['dags', 'new', 'fresh'], { cwd });
  expect(stdout).toContain(
    'is written; Airflow lists it once it is committed\n  git add dags/fresh.py && git commit\n',
  );
  const { code, stderr } = await gather(['dags', 'push'], { cwd });
  expect([code, stderr]).toEqual([2, expect.stringContaining('come from git (file:///repo), not from')]);
  expect(stderr).toContain('git add dags && git commit');
});

test('a watched DAG runs again when a commit has brought another state of it, not when it was saved', async () => {
  const watch = new RunningGather(['watch', 'pushed'], cwd);
  const file = join(cwd, 'dags/pushed.py');
  const good = readFileSync(file, 'utf8');
  try {
    await watch.hears('watching');
    appendFileSync(file, 'def f(:\n');
    await watch.hears('dags/pushed.py was saved; Airflow gets it by git add dags/pushed.py && git commit');
    await watch.hears(/✖ dags\/pushed\.py:\d+: SyntaxError/);
    writeFileSync(file, good.replaceAll('Hello, ', 'Good morning, '));
    // that Airflow has read what it had before once more is nothing new
    writeFileSync(join(cwd, 'dags/broken_file.py'), 'import nothing  # airflow dag\n');
    await project.git('add', 'dags/broken_file.py');
    await project.git('commit', '--quiet', '--message', 'broken');
    await watch.hears('✖ dags/broken_file.py:1: ModuleNotFoundError');
    expect(watch.said).not.toContain('pushed runs');
    rmSync(join(cwd, 'dags/broken_file.py'));
    await project.commit();
    await watch.hears('Good morning, world!');
    await watch.hears(/pushed succeeded in/);
  } finally {
    await watch.end();
  }
  expect(watch.said.match(/pushed runs: /g)).toHaveLength(1);
});

test('a task has an interpreter of its own, and may have a container of its own', async () => {
  const scheduler = (await containersOf(cwd)).get('airflow-scheduler-1');
  expect(scheduler?.Config.Env).toContain('AIRFLOW__CORE__EXECUTE_TASKS_NEW_PYTHON_INTERPRETER=true');
  const run = await api.trigger('docker_operator');
  expect((await api.ended('docker_operator', run)).state).toBe('success');
});

test('the whole repository may be the folder of DAGs', async () => {
  project.writeDag('at_the_top.py', 'at_the_top');
  await project.commit();
  await gatherOk(['init', '--yes', '--set', 'GIT_SYNC_SUBPATH='], { cwd });
  await gatherOk(['up', '--yes'], { cwd });
  expect(await envValue('AIRFLOW__CORE__DAGS_FOLDER')).toBe('/git/repo');
  await listed('at_the_top');
});

test('when the branch is gone, the DAGs stay, and status says how old they are', async () => {
  await project.git('symbolic-ref', 'HEAD', 'refs/heads/gone');
  const status = async () =>
    JSON.parse((await gather(['status', '--output', 'json'], { cwd })).stdout).data as Status;
  const failing = await until(status, ({ usable }) => !usable, 120);
  const problem = failing.probes.filter(({ passed }) => !passed);
  expect(problem).toEqual([
    expect.objectContaining({
      service: 'git-sync',
      problem: expect.stringMatching(
        /^the last good tree \([0-9a-f]{8}\) is \d+ s old: fatal: couldn't find remote ref HEAD$/,
      ),
    }),
  ]);
  expect(Number(/is (\d+) s/.exec(problem[0]?.problem ?? '')?.[1])).toBeGreaterThan(30);
  await listed('pushed', 1);
  await project.git('symbolic-ref', 'HEAD', 'refs/heads/main');
  await until(status, ({ usable }) => usable, 20);
});

import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import { AirflowApi } from './airflow-api.js';
import { containersOf, dockerOk, until } from './docker.js';
import { emptyFolder, gather, gatherJson, gatherOk, HOME, RunningGather } from './gather.js';

const stack = inject('stack');
const cwd = stack.folder;
const api = new AirflowApi(stack);

const written: string[] = [];
/** Puts a file into the project until the test has ended. */
function put(file: string, text: string): void {
  written.push(file);
  writeFileSync(join(cwd, file), text);
}
afterEach(() => {
  for (const file of written.splice(0)) rmSync(join(cwd, file), { force: true });
});

const FAILS = `
from airflow.decorators import dag, task

@dag(schedule=None, tags=["mine"], doc_md="fails", default_args={"owner": "me"}, catchup=False)
def it_fails():
    @task
    def boom():
        raise ValueError("it was to be expected")
    @task
    def after(_):
        pass
    after(boom())

it_fails()
`;
const BROKEN = 'from airflow.decorators import dag\nimport nothing_of_the_kind\n';

describe('gather dags', () => {
  beforeAll(async () => {
    await until(
      () => gatherJson<{ dags: { id: string }[] }>(['dags'], { cwd }),
      ({ dags }) => dags.some((dag) => dag.id === 'hello_taskflow'),
    );
  });

  test('list shows each DAG with its file', async () => {
    const { dags } = await gatherJson<{ dags: { id: string }[] }>(['dags', 'list'], { cwd });
    expect(dags).toContainEqual(
      expect.objectContaining({ id: 'hello_taskflow', file: 'dags/hello_taskflow.py' }),
    );
    expect((await gatherOk(['dags'], { cwd })).stdout).toMatch(
      /^hello_taskflow +\w+ +- +dags\/hello_taskflow\.py$/m,
    );
  });

  test('trigger runs a DAG with its conf and shows what its tasks write', async () => {
    const args = ['dags', 'trigger', 'hello_taskflow', '--conf', '{"name": "Ada ✓"}', '--logs'];
    const { stdout, stderr } = await gatherOk(args, { cwd });
    expect(stdout).toMatch(/^\[say\] .*Hello, Ada ✓!$/m);
    expect(stdout).toMatch(/^hello_taskflow succeeded in \d+\.\d s$/m);
    expect(stderr).toMatch(/^ {2}say: success/m);
    expect(stdout + stderr).not.toContain(stack.password);
  });

  test('trigger ends with 1 when the run fails, and names the task with its last words', async () => {
    put('dags/it_fails.py', FAILS);
    const known = () => gather(['dags', 'trigger', 'it_fails', '--wait'], { cwd });
    const ran = await until(known, ({ stderr }) => !stderr.includes('knows no DAG'));
    expect(ran.code).toBe(1);
    expect(ran.stdout).toMatch(
      /^it_fails FAILED after \d+\.\d s: boom \(1 more did not run because of it\)$/m,
    );
    expect(ran.stdout).toMatch(/^ {2}\[boom\] ValueError: it was to be expected$/m);
  });

  test('trigger refuses an unknown DAG with the nearest name, and a conf that is no JSON with the place', async () => {
    const unknown = await gather(['dags', 'trigger', 'hello_taskflo'], { cwd });
    expect(unknown.code).toBe(1);
    expect(unknown.stderr).toContain('did you mean "hello_taskflow"?');
    const bad = await gather(['dags', 'trigger', 'hello_taskflow', '--conf', '{"name": Ada}'], { cwd });
    expect(bad.code).toBe(2);
    expect(bad.stderr).toContain('unexpected "A" at column 10');
  });

  test('errors names a broken file with line and reason, and ends with 1', async () => {
    put('dags/broken_file.py', BROKEN);
    const ran = await until(
      () => gather(['dags', 'errors'], { cwd }),
      ({ code }) => code === 1,
    );
    expect(ran.stdout).toContain(
      "dags/broken_file.py:2: ModuleNotFoundError: No module named 'nothing_of_the_kind'",
    );
  });

  test('new writes a DAG that runs, and touches no file that is there', async () => {
    written.push('dags/brand_new.py');
    await gatherOk(['dags', 'new', 'brand_new'], { cwd });
    const again = await gather(['dags', 'new', 'brand_new'], { cwd });
    expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('it is there already') });
    expect((await gather(['dags', 'new', 'brand-new'], { cwd })).code).toBe(2);
    const { stdout } = await gatherOk(['dags', 'test', 'brand_new', '--conf', '{"rows": 4}'], { cwd });
    expect(stdout).toContain('loaded [0, 1, 4, 9]');
    expect(stdout).toMatch(/^brand_new succeeded in/m);
  });

  test('test ends with 1 when the run fails, and for a DAG that is not there', async () => {
    put('dags/it_fails.py', FAILS);
    const failed = await gather(['dags', 'test', 'it_fails'], { cwd });
    expect(failed).toMatchObject({ code: 1, stdout: expect.stringContaining('it_fails FAILED') });
    const unknown = await gather(['dags', 'test', 'nobody_knows_it'], { cwd });
    expect(unknown).toMatchObject({ code: 1, stderr: expect.stringContaining('knows no DAG') });
  });
});

describe('gather watch', () => {
  test('tells of a broken file and of its mending, runs the DAG again, and ends well with Ctrl-C', async () => {
    const watch = new RunningGather(['watch', 'hello_taskflow'], cwd);
    let exitCode: number | undefined;
    try {
      await watch.hears('watching');
      put('dags/broken_file.py', BROKEN);
      await watch.hears('✖ dags/broken_file.py:2: ModuleNotFoundError');
      put('dags/broken_file.py', 'def f(:  # airflow dag\n');
      await watch.hears('✖ dags/broken_file.py:1: SyntaxError');
      rmSync(join(cwd, 'dags/broken_file.py'));
      const hello = join(cwd, 'dags/hello_taskflow.py');
      writeFileSync(hello, readFileSync(hello));
      await watch.hears(/hello_taskflow succeeded in/);
    } finally {
      exitCode = await watch.end();
    }
    expect(exitCode).toBe(0);
  });
});

describe('gather test', () => {
  const WHERE = `
from airflow.configuration import conf
from airflow.models import DagModel
from airflow.utils.session import create_session

def test_where():
    assert conf.get("database", "sql_alchemy_conn").startswith("sqlite:////tmp/")
    with create_session() as session:
        assert session.query(DagModel).count() == 0
`;

  test('passes in the stack, with a database of its own, and leaves nothing behind', async () => {
    put('dags/tests/test_where.py', WHERE);
    const before = [...(await containersOf(cwd)).keys()];
    const runs = () => api.get<{ total_entries: number }>('/dags/~/dagRuns?limit=1');
    const { total_entries } = await runs();
    const { stdout } = await gatherOk(['test'], { cwd });
    expect(stdout).toMatch(/^passed: \d+ DAGs import; \d+ passed in/m);
    expect([...(await containersOf(cwd)).keys()]).toEqual(before);
    expect((await runs()).total_entries).toBe(total_entries);
    expect(readdirSync(join(cwd, 'dags/tests'))).not.toContain('__pycache__');
    expect(readdirSync(join(cwd, 'dags/tests'))).not.toContain('.pytest_cache');
  });

  test('fails for a broken DAG file and for a failing test, and hands arguments to pytest', async () => {
    put('dags/broken_file.py', BROKEN);
    put('dags/tests/test_mine.py', 'def test_no():\n    assert 1 == 2\n');
    const ran = await gather(['test', '--', 'dags/tests/test_mine.py', '-q'], { cwd });
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain('✖ dags/broken_file.py:2: ModuleNotFoundError');
    expect(ran.stdout).toMatch(/^FAILED: 1 file cannot be imported; 1 failed in/m);
    expect((await gather(['test', '--', '--no-such-option'], { cwd })).code).toBe(2);
  });
});

test('gather test that is stopped leaves no container', async () => {
  put('dags/tests/test_slow.py', 'import time\ndef test_slow():\n    time.sleep(600)\n');
  const running = execa('node', [join(HOME, 'dist/main.js'), 'test', '--', '-k', 'slow'], {
    cwd,
    reject: false,
  });
  const throwaways = async () =>
    (
      await dockerOk([
        ...['ps', '--all', '--format', '{{.Names}}', '--filter', 'name=-throwaway-'],
        ...['--filter', `label=com.docker.compose.project.working_dir=${cwd}`],
      ])
    )
      .split('\n')
      .filter(Boolean);
  try {
    await until(throwaways, (names) => names.length > 0);
  } finally {
    running.kill('SIGINT');
  }
  expect((await running).exitCode).toBe(130);
  expect(await throwaways()).toEqual([]);
});

describe('a project whose stack is down', () => {
  const folder = emptyFolder('down');
  afterAll(async () => {
    await gatherOk(['down', '--volumes', '--yes'], { cwd: folder });
    rmSync(folder, { recursive: true });
  });

  test('can be tested and a DAG of it run; what needs Airflow says that it does not answer', async () => {
    const ports = ['PROXY_PORT=18381', 'AIRFLOW_WEB_PORT=18382', 'FLOWER_PORT=18383'];
    await gatherOk(['init', '--yes', ...ports.flatMap((one) => ['--set', one])], { cwd: folder });
    await gatherOk(['test'], { cwd: folder });
    const { stdout } = await gatherOk(['dags', 'test', 'hello_taskflow'], { cwd: folder });
    expect(stdout).toContain('Hello, world!');
    expect((await containersOf(folder)).size).toBe(0);
    expect(existsSync(join(folder, 'logs/dag_id=hello_taskflow'))).toBe(false);
    const list = await gather(['dags'], { cwd: folder });
    expect(list).toMatchObject({ code: 1, stderr: expect.stringContaining('Airflow does not answer') });
  });
});

import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, onTestFinished } from 'vitest';
import { Catalog } from '../../src/catalog/catalog.js';
import { dockerOk, until } from './docker.js';
import { emptyFolder, gather, gatherJson, gatherOk, HOME } from './gather.js';

export const topologies = new Catalog([join(HOME, 'compose')]).topologyNames();

/** How the DAGs of a project get to its Airflow; from the folder `dags/` where a topology is not named. */
const DELIVERY: Record<string, (cwd: string) => Promise<unknown>> = {
  eks: (cwd) => gatherOk(['dags', 'push', '--yes'], { cwd }),
};

/** What a project needs before it can boot. */
const BEFORE: Record<string, (cwd: string) => Promise<unknown>> = {
  'git-sync': async (cwd) => {
    const git = (...args: string[]) =>
      execa('git', ['-c', 'user.name=me', '-c', 'user.email=me@localhost', ...args], { cwd });
    await git('init', '--quiet');
    await git('add', 'dags');
    await git('commit', '--quiet', '--message', 'a DAG');
  },
};

const DAG = `
import pendulum
try:  # Airflow 3
    from airflow.sdk import dag, task
except ImportError:  # Airflow 2
    from airflow.decorators import dag, task

@dag(schedule=None, start_date=pendulum.datetime(2024, 1, 1))
def matrix():
    @task
    def say():
        print("said in the" + " matrix")
    say()

matrix()
`;

/**
 * A new project of this topology and version, or newest of a line, boots, runs a DAG, shows its log through the API of the UI, and goes
 * down clean. `requirements` are the lines of its requirements.txt.
 */
export async function bootsAndRuns(
  topology: string,
  airflow: string,
  requirements: string[] = [],
): Promise<void> {
  const cwd = emptyFolder(`matrix-${topology}`);
  onTestFinished(async () => {
    await gather(['down', '--volumes', '--yes'], { cwd });
    rmSync(cwd, { recursive: true });
  });
  mkdirSync(join(cwd, 'dags'));
  writeFileSync(join(cwd, 'dags/matrix.py'), DAG);
  await BEFORE[topology]?.(cwd);
  await gatherOk(['init', '--yes', '--topology', topology, '--airflow', airflow], { cwd });
  if (requirements.length > 0) writeFileSync(join(cwd, 'requirements.txt'), `${requirements.join('\n')}\n`);
  const up = await gather(['up', '--yes', '--timeout', '300'], { cwd });
  expect(up.code, up.stderr).toBe(0);
  await DELIVERY[topology]?.(cwd);
  await until(
    () => gatherJson<{ dags: { id: string }[] }>(['dags', 'list'], { cwd }),
    ({ dags }) => dags.some(({ id }) => id === 'matrix'),
  );
  const run = await gather(['dags', 'trigger', 'matrix', '--wait', '--logs'], { cwd });
  expect(run.code, run.stderr).toBe(0);
  expect(run.stdout + run.stderr).toContain('said in the matrix');
  expect((await gather(['status'], { cwd })).code).toBe(0);
  expect((await gather(['up'], { cwd })).stdout).toContain('nothing had to change');

  const name = (await gatherJson<{ value: string }>(['env', 'get', 'COMPOSE_PROJECT_NAME'], { cwd })).value;
  const id = (await gatherJson<{ value: string }>(['env', 'get', 'GATHER_PROJECT_ID'], { cwd })).value;
  const former = ['--label', `com.docker.compose.project=${name}`, '--label', `gather.project=${id}`];
  await dockerOk(['volume', 'create', ...former, `${name}_of-a-component-that-went`]);
  await gatherOk(['down', '--volumes', '--yes'], { cwd });
  const label = ['--filter', `label=com.docker.compose.project=${name}`, '--quiet'];
  for (const list of [
    ['ps', '--all'],
    ['network', 'ls'],
    ['volume', 'ls'],
  ])
    expect(await dockerOk([...list, ...label])).toBe('');
}

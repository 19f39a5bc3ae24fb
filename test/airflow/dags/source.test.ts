import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path, { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { pushEnds } from '../../../src/airflow/dags/push.js';
import { DagSource, dagSource } from '../../../src/airflow/dags/source.js';
import { type OpenProject, openProject } from '../../../src/stack/open.js';
import { fault } from '../../catalog/play-catalog.js';

const HOME = fileURLToPath(new URL('../../..', import.meta.url));
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gather-source-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function project(manifest: string, env: Record<string, string> = {}): OpenProject {
  writeFileSync(join(folder, 'gather.yaml'), manifest);
  const lines = Object.entries(env).map(([name, value]) => `${name}=${value}\n`);
  writeFileSync(join(folder, '.env'), lines.join(''));
  return openProject(folder, HOME);
}
const sourceOf = (...args: Parameters<typeof project>): DagSource => dagSource(project(...args));

const CELERY = 'topology: celery\n';
const EKS = 'topology: eks\n';
const EKS_3 = 'topology: eks\nairflow: 3.3.2\ncomponents: [s3-dag-bundle]\n';
const GIT = 'topology: git-sync\n';
const BUNDLE = 'topology: git-sync\nairflow: 3.3.2\ncomponents: [git-dag-bundle]\n';

test.each([
  [CELERY, {}, '/opt/airflow/dags/team/a.py', 'dags/team/a.py'],
  [EKS, {}, '/opt/airflow/dags/team/a.py', 'dags/team/a.py'],
  [EKS_3, {}, '/tmp/airflow/dag_bundles/s3/team/a.py', 'dags/team/a.py'],
  [GIT, {}, '/git/repo/dags/team/a.py', 'dags/team/a.py'],
  [GIT, { GIT_SYNC_SUBPATH: 'airflow/jobs' }, '/git/repo/airflow/jobs/a.py', 'airflow/jobs/a.py'],
  [GIT, { GIT_SYNC_SUBPATH: '' }, '/git/repo/team/a.py', 'team/a.py'],
  [GIT, { GIT_SYNC_FOLDER: '/srv/dags/.git' }, '/git/repo/dags/a.py', '/srv/dags/dags/a.py'],
  [GIT, { GIT_SYNC_FOLDER: '' }, '/git/repo/dags/a.py', 'dags/a.py'],
  [BUNDLE, {}, '/tmp/airflow/dag_bundles/git/tracking_repo/dags/a.py', 'dags/a.py'],
  // Airflow 3 tells of import errors below the folder of DAGs
  [BUNDLE, {}, 'team/a.py', 'dags/team/a.py'],
  [CELERY, {}, '/opt/airflow/plugins/p.py', '/opt/airflow/plugins/p.py'],
])('in %j with %o, %s is %s', (manifest, env, path, name) => {
  expect(sourceOf(manifest, env).projectPath(path)).toBe(name);
});

const REMOTE = { GITSYNC_REPO: 'https://me:s3cret@git.corp/dags.git' };

test.each([
  [CELERY, {}, 'within seconds', undefined],
  [EKS, {}, 'once it is in the bucket', 'gather dags push'],
  [GIT, {}, 'once it is committed', 'git add dags/a.py && git commit'],
  [
    GIT,
    { GIT_SYNC_REPO: 'git@git.corp:dags.git' },
    'once it is committed and pushed',
    'git add dags/a.py && git commit && git push',
  ],
  [GIT, REMOTE, 'once it is committed and pushed', 'git add dags/a.py && git commit && git push'],
])('in %j with %o, Airflow has a saved file %s', (manifest, env, when, next) => {
  const source = sourceOf(manifest, env);
  expect([source.when, source.next('a.py')]).toEqual([when, next]);
});

test('a push goes to the bucket and the folder in it that Airflow reads', () => {
  for (const manifest of [EKS, EKS_3])
    expect(pushEnds(project(manifest, { S3_DAGS_PREFIX: '/team/dags' }))).toEqual({
      from: { kind: 'local', path: join(folder, 'dags') },
      to: { kind: 's3', bucket: 'airflow', key: 'team/dags/' },
    });
});

test('where there is no bucket, a push says where the DAGs come from and what brings one there', () => {
  expect(fault(() => pushEnds(project(GIT, REMOTE)))).toMatchObject({
    code: 'USAGE',
    message: 'the DAGs of this stack come from git (https://***@git.corp/dags.git), not from a bucket',
    hints: ['git add dags && git commit && git push'],
  });
  expect(fault(() => pushEnds(project(CELERY))).message).toBe(
    `the DAGs of this stack come from the folder ${join(folder, 'dags')}, not from a bucket`,
  );
});

describe.each([
  ['POSIX', path.posix, '/home/me/p', '/srv/dags', '/srv/dags/team/a.py'],
  ['Windows', path.win32, 'C:\\me\\p', 'D:\\dags', 'D:\\dags\\team\\a.py'],
])('on %s', (_, here, folder, other, outside) => {
  const source = (dags: string, address = '') =>
    new DagSource({ from: 'git', address, path: '/opt/airflow/dags', folder: dags }, folder, here);

  test('a file of the project has a name with slashes, another one its whole path', () => {
    expect(source('dags').nameOf(here.join('team', 'a.py'))).toBe('dags/team/a.py');
    expect(source('..').nameOf('a.py')).toBe(here.join(here.dirname(folder), 'a.py'));
    expect(source(other).nameOf(here.join('team', 'a.py'))).toBe(outside);
    // a folder may begin with two dots
    expect(source('..dags').nameOf('a.py')).toBe('..dags/a.py');
  });

  test('a path of a container is one with slashes', () => {
    expect(source('dags').projectPath('/opt/airflow/dags/team/a.py')).toBe('dags/team/a.py');
    expect(source('dags').projectPath('team/a.py')).toBe('dags/team/a.py');
    expect(source('dags').projectPath('/opt/airflow/plugins/p.py')).toBe('/opt/airflow/plugins/p.py');
  });

  test('a repository of this machine needs no push', () => {
    expect(source('dags', other).next('a.py')).toBe('git add dags/a.py && git commit');
    expect(source('dags', 'git@git.corp:dags.git').next('a.py')).toMatch(/ && git push$/);
  });
});

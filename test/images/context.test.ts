import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { contextFiles, ignoreTextOf } from '../../src/images/context.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gather-context-test-'));
  for (const path of ['.env', 'prod.env', '.env.template', 'postgres/init.sql', 'logs/x', '.git/HEAD'])
    put(path, path);
  for (const path of ['dags/a.py', 'dags/__pycache__/a.pyc', 'docs/b.md', 'docs/keep/c.md']) put(path, path);
});
afterEach(() => rmSync(folder, { recursive: true }));

function put(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}
const files = (sources?: string[]) => contextFiles(folder, sources, ignoreTextOf(folder, 'own.Dockerfile'));
const names = (sources?: string[]) => files(sources).map(([path]) => path);

test('secrets, logs and git are never part of it, whatever .dockerignore says', () => {
  const rest = ['.env.template', 'dags/a.py', 'docs/b.md', 'docs/keep/c.md'];
  expect(names()).toEqual(rest);
  put('.dockerignore', '!.env\n!postgres/init.sql\n!logs/x');
  expect(names()).toEqual(['.dockerignore', ...rest]);
});

test("a person's .dockerignore counts, and the one of the Dockerfile before it", () => {
  put('.dockerignore', '# ours\ndocs\n!docs/keep\n');
  expect(names()).toEqual(['.dockerignore', '.env.template', 'dags/a.py', 'docs/keep/c.md']);
  put('own.Dockerfile.dockerignore', 'dags');
  expect(names(['dags', 'docs/b.md', 'nowhere'])).toEqual(['docs/b.md']);
});

test('it is another one after a change of bytes or of the mode to run, and only then', () => {
  const before = files(['dags']);
  put('docs/b.md', 'other');
  put('dags/a.py', 'dags/a.py');
  expect(files(['dags'])).toEqual(before);
  chmodSync(join(folder, 'dags/a.py'), 0o755);
  const executable = files(['dags']);
  expect(executable).not.toEqual(before);
  put('dags/a.py', 'other');
  expect(files(['dags'])).not.toEqual(executable);
});

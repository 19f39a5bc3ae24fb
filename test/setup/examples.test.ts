import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { copyExamples } from '../../src/setup/examples.js';

let root: string;
let from: string;
let folder: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'gather-examples-'));
  [from, folder] = [join(root, 'from'), join(root, 'folder')];
  for (const path of ['from/dags/__pycache__', 'from/logs', 'from/plugins', 'folder'])
    mkdirSync(join(root, path), { recursive: true });
  writeFileSync(join(from, 'dags/hello.py'), 'hello');
  writeFileSync(join(from, 'dags/__pycache__/hello.pyc'), 'x');
  writeFileSync(join(from, 'plugins/mine.py'), 'mine');
  writeFileSync(join(from, 'requirements.txt'), 'pandas\n');
});
afterEach(() => rmSync(root, { recursive: true }));

const copy = () => copyExamples(from, folder, ['dags', 'logs', 'plugins', 'none']);

test('folders that the project does not have are copied, without logs and compiled files', () => {
  expect(copy().sort()).toEqual(['dags/hello.py', 'plugins/mine.py', 'requirements.txt']);
  expect(readdirSync(folder).sort()).toEqual(['dags', 'plugins', 'requirements.txt']);
  expect(readdirSync(join(folder, 'dags'))).toEqual(['hello.py']);
  expect(copy()).toEqual([]);
});

test("the user's own files stay as they are", () => {
  mkdirSync(join(folder, 'dags'));
  writeFileSync(join(folder, 'requirements.txt'), 'theirs\n');
  expect(copy()).toEqual(['plugins/mine.py']);
  expect(existsSync(join(folder, 'dags/hello.py'))).toBe(false);
  expect(readFileSync(join(folder, 'requirements.txt'), 'utf8')).toBe('theirs\n');
});

test('an example of a component that the project does not have stays where it is', () => {
  expect(copyExamples(from, folder, ['dags'], ['dags/hello.py'])).toEqual(['requirements.txt']);
  expect(readdirSync(join(folder, 'dags'))).toEqual([]);
});

test('what a killed init left behind is cleared away', () => {
  mkdirSync(join(folder, 'dags.gather.tmp'));
  writeFileSync(join(folder, 'dags.gather.tmp/half.py'), '');
  copy();
  expect(readdirSync(join(folder, 'dags'))).toEqual(['hello.py']);
  expect(existsSync(join(folder, 'dags.gather.tmp'))).toBe(false);
});

test("gather's own folder is its own project", () => {
  expect(copyExamples(from, from, ['dags', 'none'])).toEqual([]);
});

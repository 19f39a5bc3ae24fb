import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { clearAbandoned, tempFolder } from '../../src/machine/temp-folder.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gather-temp-test-'));
  vi.stubEnv('TMPDIR', folder);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

test('it is for us alone, and gone with dispose()', () => {
  const made = tempFolder('x-');
  expect(statSync(made.path).mode & 0o777).toBe(0o700);
  made.dispose();
  expect(existsSync(made.path)).toBe(false);
});

test('however many there are, one listener removes them when the process ends, but for those that are kept', () => {
  const before = process.listeners('exit');
  const made = Array.from({ length: 12 }, () => tempFolder('x-'));
  const added = process.listeners('exit').filter((one) => !before.includes(one));
  expect(added).toHaveLength(1);
  made[0]?.keep();
  for (const listener of added) listener(0);
  expect(readdirSync(folder).map((name) => join(folder, name))).toEqual([made[0]?.path]);
  for (const one of made) one.dispose();
  expect(process.listeners('exit')).toEqual(before);
});

test('what a process left behind that was killed is cleared, and nothing of one that lives', () => {
  const { pid } = spawnSync('true');
  for (const name of [`x-${pid}-abc`, `y-${pid}-abc`, 'x-abc', `x-${process.ppid}-abc`])
    mkdirSync(join(folder, name, 'secrets'), { recursive: true });
  const own = tempFolder('x-');
  clearAbandoned('x-');
  expect(readdirSync(folder).sort()).toEqual(
    ['x-abc', `x-${process.ppid}-abc`, `y-${pid}-abc`, own.path.slice(folder.length + 1)].sort(),
  );
  own.dispose();
});

test('a temporary folder that cannot be read is nobody to complain about', () => {
  vi.stubEnv('TMPDIR', join(folder, 'none'));
  expect(() => clearAbandoned('x-')).not.toThrow();
});

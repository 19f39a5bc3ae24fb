import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path, { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  asFolder,
  below,
  isPath,
  placeText,
  readPlace,
  readS3Place,
  targetOf,
} from '../../../src/stack/objects/place.js';
import { fault } from '../../catalog/play-catalog.js';

test('an address has a bucket, and a key that may be empty or odd', () => {
  expect(readPlace('s3://airflow')).toEqual({ kind: 's3', bucket: 'airflow', key: '' });
  expect(readPlace('s3://airflow/')).toEqual({ kind: 's3', bucket: 'airflow', key: '' });
  expect(readPlace('s3://a.b-1/dags//ü #?%20/')).toEqual({
    kind: 's3',
    bucket: 'a.b-1',
    key: 'dags//ü #?%20/',
  });
  expect(readPlace('S3://airflow/x')).toEqual({ kind: 's3', bucket: 'airflow', key: 'x' });
  expect(readPlace('./s3/dags')).toEqual({ kind: 'local', path: './s3/dags' });
});

test.each(['s3://', 's3:///key', 's3:airflow/key', 's3://UPPER/key', 's3://x/', 's3://user@host/key'])(
  '%s is refused',
  (text) => {
    expect(fault(() => readPlace(text))).toMatchObject({ code: 'USAGE' });
  },
);

test('what has to be in a bucket is no path', () => {
  expect(fault(() => readS3Place('dags/a.py')).hints).toEqual(['s3://bucket/dags/a.py']);
});

test('a folder ends with one slash, the whole bucket with none', () => {
  expect(placeText(asFolder(readPlace('s3://b01/dags')))).toBe('s3://b01/dags/');
  expect(placeText(asFolder(readPlace('s3://b01/dags//')))).toBe('s3://b01/dags/');
  expect(placeText(asFolder(readPlace('s3://b01')))).toBe('s3://b01/');
  expect(placeText(below(asFolder(readPlace('s3://b01/dags')), 'a/b.py'))).toBe('s3://b01/dags/a/b.py');
});

test('a single file keeps its name in a folder, and gets the one that is given else', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gather-s3-'));
  const target = (from: string, to: string) => placeText(targetOf(readPlace(from), readPlace(to)));
  expect(target('in/a.csv', 's3://b01')).toBe('s3://b01/a.csv');
  expect(target('in/a.csv', 's3://b01/x/')).toBe('s3://b01/x/a.csv');
  expect(target('in/a.csv', 's3://b01/x')).toBe('s3://b01/x');
  expect(target('s3://b01/x/a.csv', folder)).toBe(join(folder, 'a.csv'));
  expect(target('s3://b01/x/a.csv', join(folder, 'b.csv'))).toBe(join(folder, 'b.csv'));
  rmSync(folder, { recursive: true });
});

test('a key that would leave the folder is no path', () => {
  expect(['a', 'a/b', '.hidden', '...', 'a b'].filter((key) => !isPath(key))).toEqual([]);
  expect(['', '/a', 'a//b', 'a/', '..', 'a/../b', './a', 'a\0b'].filter((key) => isPath(key))).toEqual([]);
});

test.each([
  [path.posix, '/in/a.csv', 'out/', 'out/a.csv'],
  [path.win32, 'C:\\in\\a.csv', 'out/', 'out\\a.csv'],
  [path.win32, 'C:\\in\\a.csv', 'D:\\out\\', 'D:\\out\\a.csv'],
  [path.win32, 'C:/in/a.csv', 's3://b01/x/', 's3://b01/x/a.csv'],
  [path.win32, 'C:\\in\\a.csv', 's3://b01', 's3://b01/a.csv'],
  [path.win32, 's3://b01/x/a.csv', 'D:\\out\\', 'D:\\out\\a.csv'],
  // on the others a backslash is a letter
  [path.posix, '/in/a\\b.csv', 's3://b01', 's3://b01/a\\b.csv'],
])('paths are those of the machine: %#', (here, from, to, target) => {
  expect(placeText(targetOf(readPlace(from), readPlace(to), here))).toBe(target);
});

test('below a folder, a key has the separators of the machine', () => {
  const folder = readPlace('D:\\out');
  expect(placeText(below(folder, 'team/a.py', path.win32))).toBe('D:\\out\\team\\a.py');
  expect(placeText(below(readPlace('/out'), 'team/a.py', path.posix))).toBe('/out/team/a.py');
});

test('no key leads out of a folder', () => {
  for (const key of ['..\\x', 'a\\..\\..\\x', 'C:x', 'C:\\x', '\\\\host\\x']) {
    expect(isPath(key, path.win32)).toBe(false);
    expect(isPath(key, path.posix)).toBe(true);
  }
  expect(isPath('team/a.py', path.win32)).toBe(true);
  expect(isPath('../a.py', path.win32)).toBe(false);
});

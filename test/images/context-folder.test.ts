import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fillContext } from '../../src/images/context-folder.js';

let root = '';
const at = (...path: string[]) => join(root, ...path);
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'gather-context-folder-'));
  mkdirSync(at('image/sub/__pycache__'), { recursive: true });
  for (const file of ['Dockerfile', 'README.md', 'sub/a', 'sub/__pycache__/a.pyc'])
    writeFileSync(at('image', file), file);
  writeFileSync(at('outside'), 'mine');
});
afterEach(() => rmSync(root, { recursive: true }));

const fill = (files: Record<string, string | Buffer>, dockerfile?: string) =>
  fillContext(at('context'), {
    tag: 't',
    folder: at('image'),
    files,
    args: {},
    bases: {},
    ...(dockerfile ? { dockerfile } : {}),
  });

test("holds the image's folder without what is for people, and the further files", () => {
  symlinkSync('sub/a', at('image/link'));
  fill({ 'etc/deep/x': 'text', 'sub/b': Buffer.from([0xff]) });
  expect(readFileSync(at('context/etc/deep/x'), 'utf8')).toBe('text');
  expect(readFileSync(at('context/sub/b'))).toEqual(Buffer.from([0xff]));
  expect(lstatSync(at('context/link')).isSymbolicLink()).toBe(true);
  expect(readFileSync(at('context/link'), 'utf8')).toBe('sub/a');
  expect(existsSync(at('context/README.md'))).toBe(false);
  expect(existsSync(at('context/sub/__pycache__'))).toBe(false);
});

test("of a person's Dockerfile, the files alone: its folder is read where it is", () => {
  fill({ Dockerfile: 'FROM x' }, 'Dockerfile');
  expect(readFileSync(at('context/Dockerfile'), 'utf8')).toBe('FROM x');
  expect(existsSync(at('context/sub'))).toBe(false);
});

test('a link in the folder leads no file out of it', () => {
  symlinkSync(at('outside'), at('image/requirements.txt'));
  fill({ 'requirements.txt': 'theirs' });
  expect(readFileSync(at('outside'), 'utf8')).toBe('mine');
  expect(readFileSync(at('context/requirements.txt'), 'utf8')).toBe('theirs');
  rmSync(at('context'), { recursive: true });
  symlinkSync(root, at('image/etc'));
  expect(() => fill({ 'etc/outside': 'theirs' })).toThrow('the file "etc/outside" of an image would leave');
  expect(readFileSync(at('outside'), 'utf8')).toBe('mine');
});

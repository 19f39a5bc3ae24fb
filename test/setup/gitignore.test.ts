import { expect, test } from 'vitest';
import { ignoreSecrets } from '../../src/setup/gitignore.js';

const ALL = [
  '.gather/',
  '.env',
  'postgres/init.sql',
  'logs/',
  '__pycache__/',
  'node_modules/',
  '.gather-*.tmp',
  '/*.env',
  '.env.*',
  '!.env.template',
];

test('a new .gitignore keeps every secret out of git', () => {
  const text = ignoreSecrets(undefined, ['postgres/init.sql']) ?? '';
  expect(text.split('\n')).toEqual(expect.arrayContaining(ALL));
  expect(ignoreSecrets(text, ['postgres/init.sql'])).toBeUndefined();
});

test("the user's own lines stay, and only what is missing is added", () => {
  expect(ignoreSecrets('mine\n/.env\nlogs\n', ['postgres/init.sql'])).toBe(
    'mine\n/.env\nlogs\n\n# written by gather: secrets and logs stay on this machine\npostgres/init.sql\n.gather/\n__pycache__/\nnode_modules/\n.gather-*.tmp\n/*.env\n.env.*\n!.env.template\n',
  );
  expect(ignoreSecrets('no line end')).toMatch(/^no line end\n\n# written by gather/);
});

test('lines of Windows count', () => {
  expect(ignoreSecrets(ALL.join('\r\n'))).toBeUndefined();
});

test('a file with secrets that came later is added by itself', () => {
  const text = ignoreSecrets(undefined, ['postgres/init.sql']);
  expect(ignoreSecrets(text, ['lake/catalog.properties'])).toBe(
    `${text}\n# written by gather: secrets and logs stay on this machine\nlake/catalog.properties\n`,
  );
});

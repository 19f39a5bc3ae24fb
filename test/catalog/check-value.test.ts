import { describe, expect, test } from 'vitest';
import { problemWith } from '../../src/catalog/check-value.js';
import { VARIABLE_TYPES, type VariableType } from '../../src/catalog/model/words.js';
import type { VariableSpec } from '../../src/catalog/schema.js';

const variable = (type: VariableType): VariableSpec => ({
  name: 'A',
  component: 'part',
  group: 'Part',
  type,
  choices: ['one', 'two'],
  published: true,
  secret: false,
});

const FERNET = 'ZmH96Rm3qQ5WkTGo3Wy6jTIrO-8aC1MokjN8rx2HYs8=';
const GOOD: Record<VariableType, string[]> = {
  text: ['', `'"$ü`],
  identifier: ['a', 'Größe', 'a b"c', 'x'.repeat(63)],
  database: ['airflow_db', 'a.b-c'],
  password: ['x', `p'"$\\ %@:/#é`],
  host: ['postgres', 'db.example.com', '10.0.0.1', '::1', 'fd00::1', '::ffff:10.0.0.1'],
  address: ['127.0.0.1', '127.0.0.2', '0.0.0.0', '[::1]', '[::]'],
  port: ['1', '80', '65535'],
  url: ['redis://:@redis:6379/0', 'https://a.example/'],
  'http-url': ['http://minio:9000', 'https://s3.example', 'HTTPS://[fd00::1]:443/base/'],
  'url-prefix': ['flower', 'a/b', 'a.b~c'],
  'path-segment': ['gather', 'a.b-c_d~1', '-'],
  boolean: ['true', 'false', 'True', 'FALSE'],
  integer: ['1', '1000000'],
  seconds: ['1', '0.5', '60.25'],
  choice: ['one', 'two'],
  uid: ['0', '50000', '4294967294'],
  path: ['.', '/opt/a b'],
  json: ['', '{}', '{"a":1}'],
  bucket: ['abc', 'a.b-1', 'x'.repeat(63)],
  'key-prefix': ['dags/', 'a/b c/'],
  'connection-id': ['s3_logs', 'S3'],
  'fernet-key': [FERNET, `${FERNET},${FERNET}`],
  'secrets-backend': ['', 'airflow.secrets.local_filesystem.LocalFilesystemBackend'],
  executor: [
    'LocalExecutor',
    'LocalExecutor, CeleryExecutor',
    'a.b.MyExecutor',
    'mine:a.b.Executor',
    'team=CeleryExecutor;a.B',
  ],
};
const BAD: Record<Exclude<VariableType, 'text'>, [value: string, problem: RegExp][]> = {
  identifier: [
    ['', /needed/],
    ['x'.repeat(64), /at most 63 bytes, and this has 64/],
    ['ü'.repeat(32), /63 bytes/],
    ['pg_me', /pg_/],
  ],
  database: [
    ['a b', /letters, digits/],
    ['a/b', /letters/],
    ['', /needed/],
    ['pg_x', /pg_/],
  ],
  password: [
    ['', /needed/],
    [`md5${'0'.repeat(32)}`, /hash/],
    ['SCRAM-SHA-256$4096:x', /hash/],
  ],
  host: [
    ['', /host name/],
    ['a b', /host name/],
    ['http://a', /host name/],
    ['-a', /host name/],
    ['[::1]', /fd00::1/],
    ['::::', /host name/],
    ['fe80::1%eth0', /host name/],
  ],
  address: [
    ['', /address of this machine/],
    ['localhost', /0\.0\.0\.0 for all/],
    ['::1', /\[::1\]/],
    ['[127.0.0.1]', /address/],
    ['[fe80::1%eth0]', /address/],
    ['256.0.0.1', /address/],
    ['127.0.0.1:80', /address/],
  ],
  port: [
    ['0', /1 to 65535/],
    ['65536', /1 to 65535/],
    ['http', /1 to 65535/],
    ['-1', /port/],
    ['80.5', /port/],
    ['', /port/],
  ],
  url: [
    ['redis', /must be a URL/],
    ['', /must be a URL/],
  ],
  'http-url': [
    ['', /http or https URL/],
    ['http://', /with a host/],
    ['http://:9000', /with a host/],
    ['s3.example:9000', /with a host/],
    ['s3://bucket', /http or https/],
    ['http://me:secret@s3.example', /http or https/],
    ['https://s3.example/?a=b', /http or https/],
  ],
  'path-segment': [
    ['a/b', /letters/],
    ['..', /letters/],
    ['a b', /letters/],
    ['', /letters/],
  ],
  'url-prefix': [
    ['/flower', /without slashes/],
    ['flower/', /without slashes/],
    ['a b', /path/],
    ['', /path/],
  ],
  boolean: [
    ['yes', /true or false/],
    ['1', /true or false/],
    ['', /true or false/],
  ],
  seconds: [
    ['0', /above 0/],
    ['1e3', /above 0/],
    ['-1', /above 0/],
    ['', /above 0/],
  ],
  integer: [
    ['0', /at least 1/],
    ['1.5', /whole/],
    ['many', /whole/],
  ],
  choice: [['three', /one of one, two/]],
  uid: [
    ['-1', /numeric id/],
    ['me', /numeric id/],
    ['4294967295', /numeric id/],
  ],
  path: [['', /path is needed/]],
  json: [['{', /must be JSON/]],
  bucket: [
    ['', /3 to 63/],
    ['ab', /3 to 63/],
    ['x'.repeat(64), /3 to 63/],
    ['Logs', /a-z/],
    ['a_b', /a-z/],
    ['-ab', /name of a bucket/],
    ['a..b', /name of a bucket/],
    ['10.0.0.1', /name of a bucket/],
  ],
  'key-prefix': [
    ['', /folder of a bucket/],
    ['dags', /one after it/],
    ['/dags/', /without a slash before/],
    ['/', /without a slash before/],
  ],
  'connection-id': [
    ['', /letters, digits and _/],
    ['s3-logs', /letters, digits and _/],
    ['s3.logs', /letters, digits and _/],
  ],
  'fernet-key': [
    ['', /Fernet/],
    ['short', /Fernet/],
    [FERNET.slice(1), /44 characters/],
    [`${FERNET},x`, /Fernet/],
  ],
  'secrets-backend': [
    ['Backend', /full path of a Python class/],
    ['a b.C', /class/],
  ],
  executor: [
    ['', /no executor/],
    ['NopeExecutor', /no executor "NopeExecutor": LocalExecutor/],
    ['LocalExecutor,celery', /no executor "celery"/],
  ],
};

describe.each(VARIABLE_TYPES)('a value of type %s', (type) => {
  test('may be', () => {
    expect(GOOD[type].map((value) => [value, problemWith(variable(type), value)])).toEqual(
      GOOD[type].map((value) => [value, undefined]),
    );
  });

  test.each(['a\nb', 'a\rb', 'a\0b'])('may not have a line break or a NUL (%j)', (value) => {
    expect(problemWith(variable(type), value)).toMatch(/line break or a NUL/);
  });
});

test.each(
  Object.entries(BAD).flatMap(([type, values]) =>
    values.map(([value, problem]) => [type, value, problem] as const),
  ),
)('a value of type %s is not %j', (type, value, problem) => {
  expect(problemWith(variable(type as VariableType), value)).toMatch(problem);
});

test('of an integer min is the least that it may be', () => {
  const workers = { ...variable('integer'), min: 0 };
  expect(problemWith(workers, '0')).toBeUndefined();
  expect(problemWith({ ...workers, min: 256 }, '255')).toBe('must be a whole number of at least 256');
});

test('a value may have to have a number of characters', () => {
  const key = { ...variable('password'), min: 8 };
  expect(problemWith(key, 'ä'.repeat(7))).toBe('must have at least 8 characters');
  expect(problemWith(key, 'ä'.repeat(8))).toBeUndefined();
  expect(problemWith(key, '')).toBe('a password is needed');
});

test('no problem tells the value of a password or a key', () => {
  expect(problemWith(variable('password'), `md5${'0'.repeat(32)}`)).not.toContain('000');
  expect(problemWith(variable('fernet-key'), 'my-secret-key')).not.toContain('my-secret');
});

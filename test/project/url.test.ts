import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GatherError } from '../../src/output/errors.js';
import { buildUrl, parseUrl, type UrlParts } from '../../src/project/url.js';

test.each<[UrlParts, string]>([
  [{ scheme: 'redis', password: '', host: 'redis', port: 6379, path: '0' }, 'redis://:@redis:6379/0'],
  [{ scheme: 'redis', password: 'p@:/', host: 'r' }, 'redis://:p%40%3A%2F@r'],
  [
    { scheme: 'postgresql+psycopg2', username: "it's", password: '(!*)', host: 'db', path: 'airflow' },
    'postgresql+psycopg2://it%27s:%28%21%2A%29@db/airflow',
  ],
  [{ scheme: 'http', host: '::1', port: 8080, path: 'a b/c' }, 'http://[::1]:8080/a%20b/c'],
  [{ scheme: 'x', username: 'u', host: 'h', query: { a: 'b+c d', é: '' } }, 'x://u@h?a=b%2Bc%20d&%C3%A9='],
  [{ scheme: 'sqlite', host: '', path: '/tmp/a.db' }, 'sqlite:////tmp/a.db'],
])('%j is %s', (parts, text) => {
  expect(buildUrl(parts)).toBe(text);
  expect(parseUrl(text)).toEqual(parts);
});

test('an empty user is as good as none', () => {
  expect(buildUrl({ scheme: 'x', username: '', host: 'h' })).toBe('x://h');
  expect(buildUrl({ scheme: 'x', username: '', password: 'p', host: 'h' })).toBe('x://:p@h');
});

const text = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: fc.constantFrom(...'@:/?#%&=+ \\\'"[]{}|^`~!$()*,;<>é😀0a.') }),
);
const path = text.filter((value) => !value.split('/').some((part) => part === '.' || part === '..'));
const parts = fc.record(
  {
    scheme: fc.constantFrom('redis', 'postgresql+psycopg2', 'db+postgresql', 'http'),
    username: text.filter((value) => value !== ''),
    password: text,
    host: fc.constantFrom('localhost', 'postgres.example.org', '10.0.0.7', '::1', 'fe80::1:2'),
    port: fc.integer({ min: 1, max: 65535 }),
    path,
    query: fc.dictionary(text, text),
  },
  { requiredKeys: ['scheme', 'host'] },
) as fc.Arbitrary<UrlParts>;

describe('whatever the parts', () => {
  test('they are read back', () => {
    fc.assert(
      fc.property(parts, ({ query, ...given }) => {
        const wanted = query && Object.keys(query).length > 0 ? { ...given, query } : given;
        expect(parseUrl(buildUrl(wanted))).toEqual(wanted);
      }),
    );
  });

  test('WHATWG URL reads the same', () => {
    fc.assert(
      fc.property(parts, (given) => {
        const url = new URL(buildUrl(given));
        expect(url.protocol).toBe(`${given.scheme}:`);
        expect(decodeURIComponent(url.username)).toBe(given.username ?? '');
        expect(decodeURIComponent(url.password)).toBe(given.password ?? '');
        expect(url.hostname.replace(/[[\]]/g, '')).toBe(given.host);
        // The port of the scheme itself is left out by URL.
        if (given.scheme !== 'http') expect(url.port).toBe(String(given.port ?? ''));
        if (given.path !== undefined) expect(decodeURIComponent(url.pathname)).toBe(`/${given.path}`);
        expect(Object.fromEntries(url.searchParams)).toEqual({ ...given.query });
      }),
    );
  });

  test('only unreserved characters and % stand in a user or a password', () => {
    fc.assert(
      fc.property(text, text, (username, password) => {
        const written = buildUrl({ scheme: 'x', username, password, host: 'h' });
        expect(written).toMatch(/^x:\/\/[\w.~%-]*:[\w.~%-]*@h$/);
      }),
    );
  });
});

test.each<Partial<UrlParts>>([
  { scheme: '1x' },
  { scheme: 'a_b' },
  { host: 'a/b' },
  { host: 'a@b' },
  { host: 'a b' },
  { port: 65536 },
  { port: 1.5 },
  { path: 'a/../b' },
  { password: '\ud800' },
])('refuses %j', (part) => {
  expect(() => buildUrl({ scheme: 'x', host: 'h', ...part })).toThrow(GatherError);
});

test.each(['secret', 'x:secret@h', 'x://u:secret/y@h', 'x://u:secret%@h', 'x://h:port', 'x://h/#secret'])(
  'cannot read %s, and does not show it',
  (written) => {
    expect(() => parseUrl(written)).toThrow(GatherError);
    expect(() => parseUrl(written)).not.toThrow(/secret/);
  },
);

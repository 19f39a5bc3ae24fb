import { describe, expect, test } from 'vitest';
import { problemWith } from '../../src/catalog/check-value.js';
import { generate } from '../../src/catalog/generate.js';
import { GENERATORS } from '../../src/catalog/model/words.js';

const MANY = 2000;

// (certificate.test.ts has the authority: most of its text is the same each time)
describe.each(GENERATORS.filter((kind) => kind !== 'authority'))('a fresh %s', (kind) => {
  const values = Array.from({ length: MANY }, () => generate(kind));

  test('is another one each time', () => {
    expect(new Set(values).size).toBe(MANY);
  });

  test('has each of its characters at each place', () => {
    // a generator with a fixed or weak place would show fewer than all of them there in 2,000 draws
    const alphabet = new Set(values.join('').replace(/=/g, ''));
    const length = values[0]?.replace('=', '').length ?? 0;
    const bits = length * Math.log2(alphabet.size);
    expect(bits).toBeGreaterThan(128);
    for (let place = 0; place < length - 1; place++) {
      const counts = new Map<string, number>();
      for (const value of values) counts.set(value.charAt(place), (counts.get(value.charAt(place)) ?? 0) + 1);
      expect(counts.size).toBe(alphabet.size);
      expect(Math.max(...counts.values())).toBeLessThan((4 * MANY) / alphabet.size);
    }
  });
});

test('a Fernet key is 32 bytes as URL-safe base64 with its padding', () => {
  const key = generate('fernet-key');
  expect(key).toMatch(/^[A-Za-z0-9_-]{43}=$/);
  expect(Buffer.from(key, 'base64url')).toHaveLength(32);
  expect(
    problemWith(
      { name: 'K', component: '', group: '', type: 'fernet-key', published: true, secret: true },
      key,
    ),
  ).toBeUndefined();
});

test('a password has no character that anybody mixes up, or has to escape', () => {
  const all = Array.from({ length: 500 }, () => generate('password')).join('');
  expect(all).toMatch(/^[A-Za-z0-9]+$/);
  expect(all).not.toMatch(/[0O1lI]/);
});

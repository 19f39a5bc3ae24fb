import { expect, test } from 'vitest';
import { withoutPasswords } from '../../src/output/passwords.js';

test.each([
  ['https://me:s3cret@index.corp/simple', 'https://***@index.corp/simple'],
  [
    'E: http://me:a@b%2F@mirror:80/debian and git+https://token@host/x',
    'E: http://***@mirror:80/debian and git+https://***@host/x',
  ],
  ['tcp://me:s3cret@10.0.0.2:2375', 'tcp://***@10.0.0.2:2375'],
  ['https://index.corp/simple/@scope/name', 'https://index.corp/simple/@scope/name'],
  ['someone@example.com', 'someone@example.com'],
])('%s → %s', (text, clean) => {
  expect(withoutPasswords(text)).toBe(clean);
});

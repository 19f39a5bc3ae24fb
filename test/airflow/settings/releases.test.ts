import { expect, test } from 'vitest';
import { fullVersion, packagesDay } from '../../../src/airflow/settings/releases.js';
import { fault } from '../../catalog/play-catalog.js';

test('each release has its day, which gather.yaml may overrule', () => {
  expect(packagesDay('2.11.2', undefined)).toBe('2026-03-15');
  expect(packagesDay('2.10.2', undefined)).toBe('2024-09-21');
  expect(packagesDay('2.11.2', '2026-04-01')).toBe('2026-04-01');
  expect(packagesDay('2.99.0', '2026-04-01')).toBe('2026-04-01');
});

test('an unknown one is refused with those that are known', () => {
  const error = fault(() => packagesDay('2.99.0', undefined));
  expect(error).toMatchObject({ code: 'PROJECT_INVALID', where: { file: 'gather.yaml' } });
  expect(error.hints.join('\n')).toMatch(/2\.11\.2.*\n.*packages-until/);
});

test('a line is its newest version, and a full version itself', () => {
  expect(fullVersion('3')).toBe('3.3.2');
  expect(fullVersion('3.1')).toBe('3.1.8');
  expect(fullVersion('2')).toBe('2.11.2');
  expect(fullVersion('2.10')).toBe('2.10.5');
  expect(fullVersion('3.0.6')).toBe('3.0.6');
});

test.each(['4', '3.9', '3.3.20', '2.1', '', 'newest', '3.'])(
  '"%s" is refused with what is known',
  (wanted) => {
    const error = fault(() => fullVersion(wanted));
    expect(error).toMatchObject({ code: 'USAGE', message: `gather does not know Airflow "${wanted}"` });
    expect(error.hints.join('\n')).toMatch(/2\.11\.2.*3\.3\.2\n.*packages-until/);
  },
);

test('a full version may come from elsewhere, if the project says so', () => {
  expect(fullVersion('3.9.9', true)).toBe('3.9.9');
  expect(fault(() => fullVersion('3.9', true)).code).toBe('USAGE');
});

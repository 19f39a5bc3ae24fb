import { expect, test } from 'vitest';
import { packagesDay } from '../../src/airflow/releases.js';
import { fault } from '../catalog/play-catalog.js';

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

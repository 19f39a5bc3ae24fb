import { afterEach, describe, expect, test, vi } from 'vitest';
import { GatherError } from '../../src/output/errors.js';
import { errorText, normalizeError } from '../../src/output/output.js';

describe('the text of an error', () => {
  test('says where, what, what led to it and what to do', () => {
    const error = new GatherError('PROJECT_INVALID', 'unknown key "a"', {
      where: { file: 'gather.yaml', line: 3 },
      details: ['one', 'two'],
      hints: ['gather init'],
    });
    expect(errorText(error)).toBe('error: gather.yaml:3: unknown key "a"\n  one\n  two\n\n  → gather init');
  });

  test('leaves out what there is not', () => {
    expect(errorText(new GatherError('USAGE', 'no'))).toBe('error: no');
    expect(errorText(new GatherError('USAGE', 'no', { where: { file: 'a' } }))).toBe('error: a: no');
  });
});

test.each([
  ['USAGE', 2],
  ['NEEDS_YES', 3],
  ['STACK_UNHEALTHY', 4],
  ['FILE_FAILED', 1],
  ['INTERNAL', 1],
] as const)('%s ends the process with %d', (code, exitCode) => {
  expect(new GatherError(code, '').exitCode).toBe(exitCode);
  expect(new GatherError(code, '', { exitCode: 130 }).exitCode).toBe(130);
});

describe('anything that is thrown', () => {
  afterEach(() => vi.unstubAllEnvs());

  test('becomes one of our errors', () => {
    const own = new GatherError('USAGE', 'no');
    expect(normalizeError(own)).toBe(own);
    const cause = new TypeError('a is not a function');
    expect(normalizeError(cause)).toMatchObject({
      code: 'INTERNAL',
      message: 'a is not a function',
      cause,
      details: [],
    });
    expect(normalizeError('just text')).toMatchObject({ code: 'INTERNAL', message: 'just text' });
  });

  test('shows where it happened only on request', () => {
    vi.stubEnv('GATHER_DEBUG', '1');
    expect(normalizeError(new Error('no')).details.join('\n')).toContain('errors.test.ts');
  });
});

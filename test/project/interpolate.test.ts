import { describe, expect, test } from 'vitest';
import { GatherError } from '../../src/output/errors.js';
import { interpolate, variablesIn } from '../../src/project/interpolate.js';

const VALUES: Record<string, string> = { A: 'one', EMPTY: '', a: 'lower' };
const filled = (text: string) => interpolate(text, (name) => VALUES[name]);

function fault(text: string): GatherError {
  try {
    interpolate(
      text,
      (name) => VALUES[name],
      () => ({ file: 'x.yaml', line: 3 }),
    );
  } catch (error) {
    if (error instanceof GatherError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

// What compose-go 2.0.2 and 2.16.2 make of each.
test.each([
  ['$A', 'one'],
  ['${A}', 'one'],
  ['$A-$a', 'one-lower'],
  ['$AB', ''],
  ['[${UNSET}]', '[]'],
  ['${UNSET:-d}|${UNSET-d}|${EMPTY:-d}|${EMPTY-d}|${A:-d}', 'd|d|d||one'],
  ['${UNSET:+o}|${UNSET+o}|${EMPTY:+o}|${EMPTY+o}|${A:+o}', '|||o|o'],
  ['${A:?no}${A?no}${EMPTY?no}', 'oneone'],
  ['$$A $${A}', '$A ${A}'],
  ['5$ $1 $- $', '5$ $1 $- $'],
  ['${UNSET:-${ALSO:-$A}}/x', 'one/x'],
  ['${UNSET:-a}${A}}', 'aone}'],
  ['${UNSET:-{"k": "v"}}', '{"k": "v"}'],
  ['${UNSET-a:-b} ${UNSET:-a?b} ${UNSET:-http://x}', 'a:-b a?b http://x'],
  ['${UNSET:-a\n', undefined],
])('%j', (text, value) => {
  if (value === undefined) expect(fault(text).code).toBe('COMPONENT_INVALID');
  else expect(filled(text)).toBe(value);
});

describe('what cannot be read', () => {
  test.each(['${', '${}', '${1}', '${A', '${A B}', '${A:-b', '${A!}', '${UNSET:-${}'])('%j', (text) => {
    expect(fault(text).code).toBe('COMPONENT_INVALID');
    expect(fault(text).where).toEqual({ file: 'x.yaml', line: 3 });
  });

  test.each(['${UNSET:?ask $A}', '${EMPTY:?ask $A}', '${UNSET?ask $A}'])('%j is required', (text) => {
    const error = fault(text);
    expect(error.code).toBe('VARIABLE_INVALID');
    expect(error.details).toEqual(['ask $A']);
  });
});

test('names the variables, those inside of defaults included', () => {
  expect(variablesIn('${B:?no} $A ${C:-${D-$E}} $$F ${A:+$G}')).toEqual(['B', 'A', 'C', 'D', 'E', 'G']);
  expect(variablesIn('plain')).toEqual([]);
});

import { expect, onTestFinished, test } from 'vitest';
import { Interruption } from '../../src/output/interruption.js';

/** What ended the process: the exit code, and the code of the error that was told. */
function interrupted() {
  const ends: [number, string | undefined][] = [];
  const interruption = new Interruption((exitCode, error) => void ends.push([exitCode, error?.code]));
  return { interruption, ends };
}

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)('%s ends with %i', (name, exitCode) => {
  const alone = interrupted();
  alone.interruption.receive(name);
  expect(alone.ends).toEqual([[exitCode, 'CANCELLED']]);

  const heeded = interrupted();
  const { signal } = heeded.interruption;
  expect(signal.aborted).toBe(false);
  heeded.interruption.receive(name);
  expect(signal.aborted).toBe(true);
  expect(heeded.ends).toEqual([]);
  // CANCELLED ends with 130, whatever has stopped it
  expect(heeded.interruption.exitCode(130)).toBe(exitCode);
  expect(heeded.interruption.exitCode(4)).toBe(4);
  heeded.interruption.receive('SIGINT');
  expect(heeded.ends).toEqual([[130, undefined]]);
});

test('a command that ends with 130 by itself keeps it', () => {
  expect(interrupted().interruption.exitCode(130)).toBe(130);
});

test('any number of questions may listen to one, and nobody is warned of it', async () => {
  const warnings: Error[] = [];
  const warn = (warning: Error) => void warnings.push(warning);
  process.on('warning', warn);
  onTestFinished(() => void process.off('warning', warn));
  const { signal } = interrupted().interruption;
  for (let i = 0; i < 50; i++) signal.addEventListener('abort', () => {});
  await new Promise(setImmediate);
  expect(warnings).toEqual([]);
});

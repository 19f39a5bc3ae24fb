import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { firstFreePort, portState } from '../../src/machine/free-port.js';

/** A port that is taken for as long as the test runs. */
async function takePort(): Promise<number> {
  const server = createServer();
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as { port: number }).port;
}

test('a port that somebody listens on is passed over, and so is one promised to another', async () => {
  const taken = await takePort();
  expect(await portState(taken)).toBe('taken');
  const next = await firstFreePort(taken, undefined, new Set());
  expect(next).toBeGreaterThan(taken);
  expect(await portState(next)).toBe('free');
  expect(await firstFreePort(next, undefined, new Set([next]))).toBeGreaterThan(next);
});

test('what is free is asked of the address where it is to be', async () => {
  const taken = await takePort();
  expect(await portState(taken, '127.0.0.2')).toBe('free');
  expect(await firstFreePort(taken, undefined, new Set(), '127.0.0.2')).toBe(taken);
  expect(await firstFreePort(taken, undefined, new Set(), '0.0.0.0')).toBeGreaterThan(taken);
});

test('the fallback comes before its neighbours', async () => {
  const [taken, fallback] = [await takePort(), await takePort()];
  expect(await firstFreePort(taken, fallback, new Set())).toBeGreaterThan(fallback);
});

import { type AddressInfo, createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { listeningSockets } from '../../src/machine/listening.js';

test('sees what is listened on, and no longer when that ends', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const found = () => listeningSockets().filter((one) => one.port === port);
  expect(found()).toEqual([{ address: '127.0.0.1', port, inode: expect.stringMatching(/^[1-9]\d*$/) }]);
  await new Promise((resolve) => server.close(resolve));
  expect(found()).toEqual([]);
});

test.each(['127.0.0.2', '0.0.0.0', '::', '::1', '::ffff:127.0.0.3'])(
  'knows the address: %s',
  async (host) => {
    const server = createServer();
    onTestFinished(() => void server.close());
    const isHere = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false)).listen(0, host, () => resolve(true));
    });
    // a machine may have no IPv6
    if (!isHere) return expect(host).toContain(':');
    const { port } = server.address() as AddressInfo;
    const [found] = listeningSockets().filter((one) => one.port === port);
    expect(found?.address).toBe(host.replace('::ffff:', ''));
  },
);

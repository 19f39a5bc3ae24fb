import { type AddressInfo, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { listeningSockets } from '../../src/machine/listening.js';

test('sees what is listened on, and no longer when that ends', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const found = () => listeningSockets().filter((one) => one.port === port);
  expect(found()).toEqual([{ port, inode: expect.stringMatching(/^[1-9]\d*$/) }]);
  await new Promise((resolve) => server.close(resolve));
  expect(found()).toEqual([]);
});

import { createServer } from 'node:net';

/** What the machine says of a TCP port on an address. */
export type PortState = 'free' | 'taken' | 'not allowed' | 'no such address';

/** Tries to listen on it for a moment. */
export function portState(port: number, address = '127.0.0.1'): Promise<PortState> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', ({ code }: NodeJS.ErrnoException) => {
      if (code === 'EACCES') resolve('not allowed');
      else if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') resolve('no such address');
      else resolve('taken');
    });
    server.listen({ port, host: address, exclusive: true }, () => server.close(() => resolve('free')));
  });
}

/** The first port that is free at an address: the wanted one, the fallback, the ones behind that. `reserved` are ports promised to others. */
export async function firstFreePort(
  wanted: number,
  fallback: number | undefined,
  reserved: ReadonlySet<number>,
  address = '127.0.0.1',
): Promise<number> {
  if (!reserved.has(wanted) && (await portState(wanted, address)) === 'free') return wanted;
  for (let port = fallback ?? wanted + 1; port < 65536; port++)
    if (!reserved.has(port) && (await portState(port, address)) === 'free') return port;
  return wanted;
}

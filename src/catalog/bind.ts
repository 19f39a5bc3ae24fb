/** The variable of `.env` that says at which address of this machine the published ports listen. */
export const BIND = 'GATHER_BIND';

/** Addresses at which localhost answers. */
const LOCAL = ['', '0.0.0.0', '::', '127.0.0.1'];

/**
 * Where on this machine to call what listens at an address: what listens everywhere listens at the loopback address, too.
 * @param host an address, IPv6 in brackets or without; empty for everywhere
 * @returns it as a URL has it
 */
export function callable(host: string): string {
  const address = bare(host);
  // a port that is published at :: may have no IPv4
  if (address === '::') return '[::1]';
  if (LOCAL.includes(address)) return '127.0.0.1';
  return address.includes(':') ? `[${address}]` : address;
}

/** A link of a component, which says localhost, as it leads to ports that listen at `bind`. */
export function reachable(link: URL, bind = ''): URL {
  const led = new URL(link);
  if (led.hostname === 'localhost' && !LOCAL.includes(bare(bind))) led.hostname = callable(bind);
  return led;
}

function bare(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1');
}

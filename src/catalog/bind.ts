import type { Component, VariableSpec } from './schema.js';

/** The variable of `.env` that says at which address of this machine the published ports listen. */
export const BIND = 'GATHER_BIND';

/** It is of every stack that names it: no component by itself publishes ports. */
export function bindVariable(components: Pick<Component, 'services'>[]): VariableSpec[] {
  if (!components.some(({ services }) => JSON.stringify(services).includes(`\${${BIND}`))) return [];
  return [
    {
      name: BIND,
      component: 'gather',
      group: 'Stack',
      default: '127.0.0.1',
      type: 'address',
      published: true,
      secret: false,
    },
  ];
}

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

/** The host, without brackets, that a browser of this machine calls what listens at `bind`. */
export function hostAt(bind = ''): string {
  const address = bare(bind);
  return LOCAL.includes(address) ? 'localhost' : address;
}

/** A link of a component, which says localhost, as it leads to ports that listen at `bind`. */
export function reachable(link: URL, bind = ''): URL {
  const led = new URL(link);
  if (led.hostname === 'localhost' && hostAt(bind) !== 'localhost') led.hostname = callable(bind);
  return led;
}

/** Without the brackets of IPv6. */
export function bare(host: string): string {
  return host.replace(/^\[(.*)\]$/, '$1');
}

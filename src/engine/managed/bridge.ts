import { asRoot, rootEnv } from '../../machine/sudo.js';
import { onPath } from '../tools.js';
import type { ManagedPaths } from './paths.js';

/** Seldom used private networks; the first that the machine has no address in is taken. */
const SUBNETS = ['172.31.253', '172.30.253', '192.168.253', '10.253.253', '172.31.252', '192.168.252'];

/**
 * Makes the engine's own default bridge and returns its name. Two engines on docker0 would give their containers the
 * same addresses. Nothing when the machine has no ip(8): dockerd then makes or shares docker0.
 */
export async function makeBridge(paths: ManagedPaths): Promise<string | undefined> {
  const name = paths.bridge;
  const ip = onPath('ip', rootEnv());
  if (ip === undefined) return undefined;
  const addresses = await ipv4Addresses(ip);
  if (addresses.some((one) => one.interface === name)) return name;
  const subnet = SUBNETS.find((prefix) => !addresses.some((one) => one.address.startsWith(`${prefix}.`)));
  if (subnet === undefined) return undefined;
  try {
    await asRoot([ip, 'link', 'add', 'name', name, 'type', 'bridge']).catch(() => undefined);
    await asRoot([ip, 'address', 'add', `${subnet}.1/24`, 'dev', name]);
    await asRoot([ip, 'link', 'set', name, 'up']);
    return name;
  } catch {
    return undefined;
  }
}

/**
 * Every address of this machine, as `ip` tells it. Node leaves out the interfaces without a carrier: the bridge of an engine
 * that was killed is one.
 */
async function ipv4Addresses(ip: string): Promise<{ interface: string; address: string }[]> {
  const lines = await asRoot([ip, '-4', '-oneline', 'address', 'show']).catch(() => '');
  // `5: gather0    inet 172.31.253.1/24 scope global gather0 …`
  return [...lines.matchAll(/^\d+:\s+(\S+)\s+inet\s+([\d.]+)/gm)].map(([, name = '', address = '']) => ({
    interface: name,
    address,
  }));
}

/** Takes the bridge away again. */
export async function removeBridge(paths: ManagedPaths): Promise<void> {
  const ip = onPath('ip', rootEnv());
  if (ip !== undefined) await asRoot([ip, 'link', 'delete', paths.bridge]).catch(() => undefined);
}

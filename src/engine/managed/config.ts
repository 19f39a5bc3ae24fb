import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ManagedPaths } from './paths.js';

/** What an administrator may have set for the machine's own engine and holds for ours too. */
const TAKEN_OVER = [
  'registry-mirrors',
  'insecure-registries',
  'dns',
  'dns-search',
  'default-address-pools',
  'mtu',
];

/** Docker's own pools are spent by thirty networks, and a stack has five. The engine passes over what the machine already routes. */
const POOLS = [
  { base: '172.17.0.0/16', size: 24 },
  { base: '172.18.0.0/16', size: 24 },
];

/** The daemon.json of the managed engine. An own file, because dockerd would otherwise read /etc/docker/daemon.json. */
export function daemonConfig(paths: ManagedPaths, bridge: string | undefined): Record<string, unknown> {
  return {
    'default-address-pools': POOLS,
    ...machineSettings('/etc/docker/daemon.json'),
    'data-root': paths.data,
    'exec-root': paths.exec,
    hosts: [paths.host],
    ...(bridge !== undefined && { bridge }),
    'userland-proxy-path': join(paths.prefix, 'usr/sbin/docker-proxy'),
    'init-path': join(paths.prefix, 'usr/bin/tini-static'),
    'log-driver': 'json-file',
    'log-opts': { 'max-size': '20m', 'max-file': '3' },
    'default-ulimits': { nofile: openFiles() },
  };
}

/**
 * How many files a container may open. Without this it inherits the limit of the shell that started us, and an endless one makes
 * old software crawl. Never above our own hard limit: root in a container or VM may not be allowed to raise it.
 */
function openFiles(): { Name: string; Soft: number; Hard: number } {
  const limits = readFileSync('/proc/self/limits', 'utf8');
  const ours = Number(limits.match(/^Max open files\s+\S+\s+(\d+)/m)?.[1] ?? Number.POSITIVE_INFINITY);
  return { Name: 'nofile', Soft: Math.min(ours, 65_536), Hard: Math.min(ours, 524_288) };
}

function machineSettings(file: string): Record<string, unknown> {
  try {
    const settings = Object.entries(JSON.parse(readFileSync(file, 'utf8')) as object);
    return Object.fromEntries(settings.filter(([name]) => TAKEN_OVER.includes(name)));
  } catch {
    return {};
  }
}

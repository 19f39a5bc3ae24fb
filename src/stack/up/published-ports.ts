import { readdirSync, readlinkSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import type { EngineApi } from '../../engine/api.js';
import { portState } from '../../machine/free-port.js';
import { listeningSockets } from '../../machine/listening.js';
import { textOrNone } from '../../machine/read-file.js';
import { overlap, type PublishedPort } from '../observe/ports.js';
import type { Wanted } from '../observe/wanted.js';

/** Every port that is to be published by the services that are to run. */
export function wantedPorts({ ports, idle }: Wanted): PublishedPort[] {
  return Object.entries(ports).flatMap(([service, own]) => (idle.has(service) ? [] : own));
}

/** Who in the stack itself wants the same port, in words: told once, of the later of two services; undefined when nobody does. */
export function rivalOf(one: PublishedPort, all: PublishedPort[], wanted: Wanted): string | undefined {
  const { service, port, address } = one;
  const replicas = wanted.replicas[service] ?? 1;
  if (replicas > 1) return `${replicas} containers of ${service}`;
  const twin = all.find(
    (other) => other.port === port && other.service < service && overlap(other.address, address),
  );
  return twin && `${twin.service} and by ${service}`;
}

/** How often the engine is asked whose a port is, and how long after the time before in ms: a container that restarts has it, or is about to. */
const LOOKS = 4;
const BETWEEN = 250;

/**
 * Who holds a port of this machine, in words: a stack and its service, or a process with its id; undefined when it is free, or the
 * stack's own.
 */
export async function portOwner(
  docker: EngineApi,
  stack: string,
  wanted: PublishedPort,
): Promise<string | undefined> {
  const { port, address } = wanted;
  for (let looks = 0; looks < LOOKS; looks++) {
    if (looks > 0) await setTimeout(BETWEEN);
    const container = await containerWith(docker, stack, wanted);
    if (container) return container === 'own' ? undefined : container.name;
    const state = await portState(port, address || '0.0.0.0');
    if (state === 'free') return undefined;
    if (state === 'not allowed') return 'nobody, but this user may not listen on it';
    if (state === 'no such address') return `nobody: this machine has no address ${address}`;
  }
  return listeningProcess(port, address) ?? 'another program';
}

/** The container that publishes a port: one of the stack, or another one in words. */
async function containerWith(
  docker: EngineApi,
  stack: string,
  { port, address }: PublishedPort,
): Promise<'own' | { name: string } | undefined> {
  const containers = await docker.listContainers({ filters: { publish: [String(port)] } });
  for (const { Labels, Names, Ports } of containers) {
    if (!Ports.some((one) => one.PublicPort === port && one.Type === 'tcp' && overlap(one.IP ?? '', address)))
      continue;
    const project = Labels['com.docker.compose.project'];
    if (project === stack) return 'own';
    const folder = Labels['com.docker.compose.project.working_dir'];
    const name = project
      ? `service ${Labels['com.docker.compose.service']} of the stack ${project}${folder ? ` in ${folder}` : ''}`
      : `the container ${Names[0]?.replace(/^\//, '')}`;
    return { name };
  }
  return undefined;
}

/** Linux: the socket's inode, then the process that has it open. One at `::` mostly has the addresses of IPv4, too. */
function listeningProcess(port: number, address: string): string | undefined {
  const sockets = listeningSockets().filter(
    (one) => one.port === port && (one.address === '::' || overlap(one.address, address)),
  );
  const inodes = new Set(sockets.map((one) => `socket:[${one.inode}]`));
  if (inodes.size === 0) return undefined;
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name)))
    try {
      if (readdirSync(`/proc/${pid}/fd`).some((fd) => inodes.has(link(`/proc/${pid}/fd/${fd}`))))
        return `process ${pid} (${textOrNone(`/proc/${pid}/comm`).trim()})`;
    } catch {
      // it ended meanwhile, or belongs to somebody else
    }
  return undefined;
}

function link(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

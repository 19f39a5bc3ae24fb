import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { Blueprint } from '../../catalog/blueprint.js';
import type { EngineApi } from '../../engine/api.js';
import { portState } from '../../machine/free-port.js';
import { listeningSockets } from '../../machine/listening.js';
import { interpolate, type Lookup } from '../../project/interpolate.js';
import type { StackShape } from '../observe/shape.js';

/** A port that a service of the stack wants to publish. */
export interface WantedPort {
  service: string;
  address: string;
  port: number;
  /** The variable of `.env` that it comes from, when there is one. */
  variable: string | undefined;
}

/** Every port that the services of the active profiles publish. */
export function wantedPorts(blueprint: Blueprint, shape: StackShape, lookup: Lookup): WantedPort[] {
  const active = Object.entries(shape.ports).filter(([service]) => !shape.idle.has(service));
  return active.flatMap(([service, ports]) =>
    ports.flatMap((text) => {
      const spec = blueprint.variables.find((one) => one.type === 'port' && text.includes(`\${${one.name}}`));
      const parts = interpolate(text, lookup).split(':');
      const port = Number(parts.at(-2));
      if (!Number.isInteger(port)) return [];
      return [
        { service, address: parts.length > 2 ? (parts[0] ?? '') : '0.0.0.0', port, variable: spec?.name },
      ];
    }),
  );
}

/** Who holds a port of this machine, in words: a stack and its service, or a process with its id; undefined when it is free. */
export async function portOwner(
  docker: EngineApi,
  stack: string,
  wanted: WantedPort,
): Promise<string | undefined> {
  const containers = await docker.listContainers({ filters: { publish: [String(wanted.port)] } });
  for (const { Labels, Names, Ports } of containers) {
    if (!Ports.some((port) => port.PublicPort === wanted.port)) continue;
    const project = Labels['com.docker.compose.project'];
    if (project === stack) return undefined;
    const folder = Labels['com.docker.compose.project.working_dir'];
    return project
      ? `service ${Labels['com.docker.compose.service']} of the stack ${project}${folder ? ` in ${folder}` : ''}`
      : `the container ${Names[0]?.replace(/^\//, '')}`;
  }
  const state = await portState(wanted.port, wanted.address);
  if (state === 'free') return undefined;
  if (state === 'not allowed') return 'nobody, but this user may not listen on it';
  return listeningProcess(wanted.port) ?? 'another program';
}

/** Linux: the socket's inode, then the process that has it open. */
function listeningProcess(port: number): string | undefined {
  const sockets = listeningSockets().filter((one) => one.port === port);
  const inodes = new Set(sockets.map((one) => `socket:[${one.inode}]`));
  if (inodes.size === 0) return undefined;
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name)))
    try {
      if (readdirSync(`/proc/${pid}/fd`).some((fd) => inodes.has(link(`/proc/${pid}/fd/${fd}`))))
        return `process ${pid} (${read(`/proc/${pid}/comm`).trim()})`;
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

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import type { Blueprint } from '../../catalog/blueprint.js';
import { lookupOf } from '../../catalog/lookup.js';
import type { EngineApi } from '../../engine/api.js';
import { stackName } from '../../engine/compose.js';
import { calledAs } from '../../output/called-as.js';
import { ensureFolder, orFileFailed, writeAtomic } from '../../project/files.js';
import { interpolate, type Lookup } from '../../project/interpolate.js';
import { FILES } from '../../project/project.js';
import { ownServices } from '../../render/fold.js';
import { linksOf } from '../../render/project-files.js';
import { reachOf } from '../observe/reach.js';
import type { Wanted } from '../observe/wanted.js';
import type { OpenProject } from '../open.js';

/** A folder by itself: a page of the stack has it mounted, and sees nothing else of what gather keeps. */
const FOLDER = join(FILES.state, 'page');

/** What is so on this machine and cannot stand in a file that is committed; no secret is among it. */
export interface StackFacts {
  stack: string;
  /** What gather is called here: `gather`, `npx gather`. */
  command: string;
  parts: Record<string, { version?: string; replicas: number }>;
  /** Addresses for people, with the service that publishes the port. */
  links: { title: string; url: string; service?: string }[];
  /** Who may log in where, and the variable with the password. */
  logins: { service: string; username: string; password: string }[];
  /** Services that `gather up --without` leaves out. */
  left_out: string[];
}

/** Writes them down for the stack's start page. */
export async function writeStackFacts(
  open: OpenProject,
  wanted: Wanted,
  docker: EngineApi,
  leftOut: string[],
): Promise<void> {
  const facts = await stackFacts(open, wanted, docker, leftOut);
  const file = join(makeFactsFolder(open.project.folder), 'stack.json');
  orFileFailed('write', file, () =>
    writeAtomic(file, `${JSON.stringify(facts, null, 1)}\n`, { mode: 0o644 }),
  );
}

/** Its folder is mounted: where there is none, the engine would make one of its own. A server reads it as nobody, whatever the umask is. */
export function makeFactsFolder(project: string): string {
  const folder = join(project, FOLDER);
  orFileFailed('make', folder, () => {
    ensureFolder(folder);
    chmodSync(folder, 0o755);
  });
  return folder;
}

async function stackFacts(
  open: OpenProject,
  wanted: Wanted,
  docker: EngineApi,
  leftOut: string[],
): Promise<StackFacts> {
  const { blueprint, project } = open;
  const lookup = lookupOf(blueprint, project.env);
  // without a Dockerfile of the project's own, as compose.yaml has it
  const standIns = new Map(blueprint.dockerfiles.map(({ variable, from }) => [variable, from]));
  const imageLookup: Lookup = (name) => lookup(name) || lookup(standIns.get(name) ?? name);
  const reach = reachOf(open, wanted);
  const services = Object.keys(wanted.replicas);
  const versions = await Promise.all(
    services.map((name) => versionIn(docker, wanted.images[name], imageLookup)),
  );
  const parts = services.map((name, i) => {
    const version = versions[i];
    return [name, { ...(version && { version }), replicas: wanted.replicas[name] ?? 1 }] as const;
  });
  const links = linksOf(blueprint, lookup);
  return {
    stack: stackName(project),
    command: calledAs(),
    parts: Object.fromEntries(parts),
    links: Object.entries(links).flatMap(([title, address]) => {
      const url = reach.to(address);
      const service = reach.publisherOf(address);
      return url ? [{ title, url, ...(service && { service }) }] : [];
    }),
    logins: loginsOf(blueprint, lookup),
    left_out: leftOut,
  };
}

function loginsOf({ offers, provides }: Blueprint, lookup: Lookup): StackFacts['logins'] {
  return (offers.login ?? []).flatMap(({ item, component }) => {
    const at = String(item.at ?? '');
    const [service] = [provides[at] ?? at, ...ownServices(component)].filter(Boolean);
    const username = lookup(String(item.username));
    return service && username ? [{ service, username, password: String(item.password) }] : [];
  });
}

/** Of an image that cannot be looked at nothing is said. */
async function versionIn(
  docker: EngineApi,
  image: string | undefined,
  lookup: Lookup,
): Promise<string | undefined> {
  const name = image && interpolate(image, lookup);
  if (!name) return undefined;
  const labels = await docker.inspectImage(name).then(
    ({ Config }) => Config.Labels ?? {},
    () => ({}) as Record<string, string>,
  );
  return versionOf(name, labels);
}

/** Gather's own images end in a digest of what they are made of, and have the version before it or in their title. */
export function versionOf(name: string, labels: Record<string, string>): string | undefined {
  const tag = /:([^/:]+)$/.exec(name)?.[1] ?? '';
  const own = tag.replace(/-?[0-9a-f]{12}$/, '');
  const said = labels['org.opencontainers.image.version'];
  const titled = /^[^,]* (\d[\w.]*),/.exec(labels['org.opencontainers.image.title'] ?? '')?.[1];
  return [own === tag ? said : undefined, own, titled].find(Boolean);
}

import { callable, reachable } from '../../catalog/bind.js';
import { findEngine } from '../../engine/discover.js';
import { isOfEngine } from '../../engine/failure.js';
import { GatherError } from '../../output/errors.js';
import type { OpenProject } from '../open.js';
import { overrideOf } from './model.js';
import type { PublishedPort } from './ports.js';
import { foldedWanted, type Planned, type Wanted, wantedOf } from './wanted.js';

/** What each service of a stack publishes. */
type Published = Wanted['ports'];

/**
 * Where this machine reaches a stack. Components write addresses with the ports that they publish themselves; where the user's
 * override publishes a service elsewhere, the address follows it.
 */
export class Reach {
  /** @param written what the components publish; @param real what Compose will */
  constructor(
    private readonly written: Published,
    private readonly real: Published,
  ) {}

  /** An address as a component writes it → as it leads there; undefined where nothing is published for it any more. */
  to(address: string): string | undefined {
    const url = new URL(address);
    const said = this.publishedAt(url);
    if (!said) return address;
    const there = this.doorsTo(said);
    if (there.some((one) => one.port === said.port && callable(one.address) === callable(said.address)))
      return address;
    const [door] = there;
    if (!door) return undefined;
    url.port = String(door.port);
    if (!isLocal(url.hostname)) url.hostname = callable(door.address);
    const moved = reachable(url, door.address).href;
    return address.endsWith('/') ? moved : moved.replace(/\/$/, '');
  }

  /** `http://127.0.0.1:8080` of what a service publishes first. Throws COMPONENT_INVALID where it publishes nothing. */
  toService(name: string): string {
    const [said] = this.written[name] ?? [];
    const [door] = said ? this.doorsTo(said) : [];
    if (door) return `http://${callable(door.address)}:${door.port}`;
    throw new GatherError('COMPONENT_INVALID', `${name} publishes no port`);
  }

  /** The service that publishes an address as a component writes it. */
  publisherOf(address: string): string | undefined {
    return this.publishedAt(new URL(address))?.service;
  }

  /** Who publishes what the components have at an address of this machine. */
  private publishedAt({ hostname, port, protocol }: URL): PublishedPort | undefined {
    const number = Number(port || (protocol === 'https:' ? 443 : 80));
    return Object.values(this.written)
      .flat()
      .find((one) => one.port === number && (isLocal(hostname) || hostname === callable(one.address)));
  }

  /** What leads to the same port of the same service now. */
  private doorsTo({ service, target }: PublishedPort): PublishedPort[] {
    return (this.real[service] ?? []).filter((one) => one.target === target);
  }
}

/** @param wanted what Compose was already asked for */
export function reachOf(planned: Planned, wanted: Wanted): Reach {
  return new Reach(foldedWanted(planned).ports, wanted.ports);
}

/**
 * Compose is asked only where there is an override. Where no engine is there to say where Compose is, or Compose cannot read the
 * override, the components' word counts: what is asked at those addresses says what is wrong.
 */
export async function askReach(open: OpenProject, signal: AbortSignal | undefined): Promise<Reach> {
  const { project, blueprint } = open;
  const written = foldedWanted(open).ports;
  const { engine } = overrideOf(project.folder) ? await findEngine(signal) : {};
  if (!engine) return new Reach(written, written);
  const real = await wantedOf({ engine, project, profiles: [], signal }, blueprint).catch(
    (error: unknown) => {
      if (isOfEngine(error)) throw error;
      return { ports: written };
    },
  );
  return new Reach(written, real.ports);
}

/** Browsers take every name below localhost for this machine (RFC 6761). */
function isLocal(hostname: string): boolean {
  return hostname === 'localhost' || hostname.endsWith('.localhost');
}

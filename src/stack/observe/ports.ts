import { interpolate, type Lookup, variablesIn } from '../../project/interpolate.js';
import type { ModelService } from './model.js';

/** A TCP port of this machine that a service publishes. */
export interface PublishedPort {
  service: string;
  /** Without brackets: `::1`; empty for every address of the machine. */
  address: string;
  port: number;
  /** The port of the container that it leads to. */
  target: number;
  /** The variable that it comes from, when it comes from one alone. */
  variable: string | undefined;
}

/** What stands in `ports:`, before the numbers are known: texts, as people and variables write them. */
interface Written {
  address: string;
  published: string;
  target: string;
  protocol: string;
}

/**
 * The ports of a service, from Compose's short and long form; of a range each. Left out are UDP, what the engine may choose (no
 * port, 0, a range for one port of the container), and what is no number: that Compose refuses by itself.
 */
export function portsOf(service: string, entries: ModelService['ports'], lookup: Lookup): PublishedPort[] {
  return (entries ?? []).flatMap((entry) => {
    const asWritten = typeof entry === 'object' ? String(entry.published ?? '') : String(entry);
    const fill = (value: unknown) => interpolate(String(value ?? ''), lookup);
    const written: Written =
      typeof entry === 'object'
        ? {
            address: fill(entry.host_ip),
            published: fill(entry.published),
            target: fill(entry.target),
            protocol: fill(entry.protocol) || 'tcp',
          }
        : readShort(fill(entry));
    const [from, to] = rangeOf(written.published);
    const [first, last] = rangeOf(written.target);
    if (written.protocol !== 'tcp' || !from || to - from !== last - first) return [];
    const variable = variablesIn(asWritten).find((name) => lookup(name) === written.published);
    const address = written.address.replace(/^\[(.*)\]$/, '$1');
    return Array.from({ length: to - from + 1 }, (_, i) => ({
      service,
      address,
      port: from + i,
      target: first + i,
      variable: from === to ? variable : undefined,
    }));
  });
}

/** `[[ADDRESS:]PUBLISHED:]TARGET[/PROTOCOL]`; an address of IPv6 has colons of its own (docker/go-connections, nat.splitParts). */
function readShort(text: string): Written {
  const [ports = '', protocol = 'tcp'] = text.split('/');
  const parts = ports.split(':');
  const [published = '', target = ''] = parts.length > 1 ? parts.slice(-2) : ['', parts[0]];
  return { address: parts.slice(0, -2).join(':'), published, target, protocol };
}

/** `8000-8005`, or one port; zero when it is neither. */
function rangeOf(text: string): [from: number, to: number] {
  const [, from, to = from] = /^(\d+)(?:-(\d+))?$/.exec(text) ?? [];
  return [Number(from ?? 0), Number(to ?? 0)];
}

/** True when two addresses of a machine cannot both have the same port. */
export function overlap(one: string, other: string): boolean {
  const covers = (wide: string, narrow: string) =>
    wide === '' || (wide === '0.0.0.0' && !narrow.includes(':')) || (wide === '::' && narrow.includes(':'));
  return one === other || covers(one, other) || covers(other, one);
}

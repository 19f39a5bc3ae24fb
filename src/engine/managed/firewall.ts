import { readdirSync } from 'node:fs';
import { listeningSockets } from '../../machine/listening.js';
import { asRoot } from '../../machine/sudo.js';
import { getJson } from '../ping.js';
import type { ManagedPaths } from './paths.js';

/** One rule of iptables-save with the table it is in. */
interface Rule {
  table: string;
  /** Such as `-A DOCKER -d 127.0.0.1/32 ! -i br-1 -p tcp -j DNAT …`. */
  text: string;
}

/** The IPv4 firewall and the ports that are listened on, at one moment. */
export interface Snapshot {
  rules: Rule[];
  ports: Set<number>;
}

/** The firewall as it is now; no rules when iptables does not work. */
export async function snapshot(): Promise<Snapshot> {
  const lines = (await asRoot(['iptables-save']).catch(() => '')).split('\n');
  let table = '';
  const rules = lines.flatMap((line) => {
    if (line.startsWith('*')) table = line.slice(1).trim();
    return line.startsWith('-A ') ? [{ table, text: line }] : [];
  });
  return { rules, ports: new Set(listeningSockets().map((one) => one.port)) };
}

/**
 * Gives another engine its rules back. A dockerd that starts empties the DOCKER chains (moby, removeIPChains), which
 * takes the published ports of a second engine on the machine with it. What is back is what was there before, is missing now, and
 * names a bridge that exists and is not ours.
 */
export async function restoreOthers(before: Snapshot, paths: ManagedPaths): Promise<void> {
  if (before.rules.length === 0) return;
  const own = await ownBridges(paths);
  const now = await snapshot();
  const present = new Set(now.rules.map((rule) => rule.table + rule.text));
  const bridges = readdirSync('/sys/class/net').filter((name) => !own.has(name));
  const lost = before.rules.filter(
    (rule) =>
      rule.text.startsWith('-A DOCKER') &&
      !present.has(rule.table + rule.text) &&
      !isGone(rule, before.ports, now.ports) &&
      bridges.some((name) => rule.text.includes(` ${name} `)),
  );
  // Inserted one by one at the top, so the last one goes first: the order stays, and each is before the chain's RETURN.
  const inserts = (table: string) =>
    lost
      .filter((rule) => rule.table === table)
      .reverse()
      .map((rule) => rule.text.replace(/^-A /, '-I '));
  await apply(inserts);
}

/** Takes the rules for this bridge out again. */
export async function dropBridgeRules(bridge: string): Promise<void> {
  const ours = (await snapshot()).rules.filter((rule) => ` ${rule.text} `.includes(` ${bridge} `));
  await apply((table) =>
    ours.filter((rule) => rule.table === table).map((rule) => rule.text.replace(/^-A /, '-D ')),
  );
}

async function apply(commands: (table: string) => string[]): Promise<void> {
  const tables = ['filter', 'nat'].map((table) => ({ table, lines: commands(table) }));
  const filled = tables.filter(({ lines }) => lines.length > 0);
  if (filled.length === 0) return;
  const input = filled.map(({ table, lines }) => `*${table}\n${lines.join('\n')}\nCOMMIT\n`).join('');
  await asRoot(['iptables-restore', '--noflush'], { input }).catch(() => undefined);
}

/** dockerd names a network's bridge in its options or calls it br- and the first 12 letters of the network's id. */
async function ownBridges(paths: ManagedPaths): Promise<Set<string>> {
  type Network = { Id: string; Driver: string; Options: Record<string, string> | null };
  // A dockerd that failed to start has emptied the chains too, and cannot say which bridges are its own.
  const networks = await getJson<Network[]>(paths.host, '/networks').catch(() => []);
  const names = networks.map(
    (one) => one.Options?.['com.docker.network.bridge.name'] ?? `br-${one.Id.slice(0, 12)}`,
  );
  return new Set([paths.bridge, ...names]);
}

/** A container that was removed while we started took its docker-proxy with it: its port must not come back. */
function isGone(rule: Rule, before: Set<number>, now: Set<number>): boolean {
  const port = Number(rule.text.match(/ --dport (\d+) -j DNAT/)?.[1]);
  return before.has(port) && !now.has(port);
}

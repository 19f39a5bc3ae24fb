import type { Blueprint } from '../catalog/blueprint.js';
import { DERIVED_KINDS } from '../catalog/offers.js';
import type { Component, Offer, ServiceBody } from '../catalog/schema.js';
import type { JsonValue } from '../model/fields.js';
import { type FoldedService, fold, namesOf, whole } from './fold.js';
import { isMap } from './merge.js';

/** Several files are made of the parts of one stack. */
const known = new WeakMap<Blueprint, Offer[]>();

/** What there is of a kind: offers of components, or what gather makes of all that they say. */
export function offersOf(blueprint: Blueprint, kind: string): Offer[] {
  if (!(kind in DERIVED_KINDS)) return blueprint.offers[kind] ?? [];
  const parts = known.get(blueprint) ?? partsOf(blueprint);
  known.set(blueprint, parts);
  return parts;
}

/**
 * The services of a stack that go on running, as offers of the kind `part`. Each says where its readiness can be asked over HTTP by the
 * services that get a file made of parts: the question of its own `ready`, where it shares a network with all of them, else what a
 * component offers as `health` of it. One without an address can only be asked from inside its container, as `gather status` does.
 */
function partsOf(blueprint: Blueprint): Offer[] {
  const { services, templates } = fold(blueprint);
  const bodies = new Map(services.map((service) => [service.name, whole(service, templates)]));
  const networks = (name: string) => namesOf(bodies.get(name)?.networks);
  const askers = blueprint.components.flatMap(askersOf).map(networks);
  const isReached = (name: string) =>
    askers.every((theirs) => networks(name).some((network) => theirs.includes(network)));
  return services
    .filter(({ name }) => goesOn(bodies.get(name)))
    .map((service, index) => {
      const { name, component } = service;
      const own = isReached(name) ? ownHealth(component, name, bodies.get(name)) : undefined;
      const aliases = aliasesOf(bodies.get(name)?.networks);
      const said = own ?? offeredHealth(blueprint, name);
      const item = {
        service: name,
        aliases: aliases.length ? aliases : null,
        profile: profileOf(service),
        ...said,
      };
      return { kind: 'part', component, index, item, keys: DERIVED_KINDS.part ?? {} };
    });
}

/** One-shots, and shells that somebody opens, are not started again by the engine. */
function goesOn(body: Record<string, unknown> | undefined): boolean {
  return body?.restart !== undefined && body.restart !== 'no';
}

/** The services that get a file which is made of parts. */
function askersOf({ files }: Component): string[] {
  return Object.values(files).flatMap(({ value = null, each, service = [] }) =>
    each === 'part' || JSON.stringify(value).includes('"for":"part"') ? service : [],
  );
}

/** Its further names in the networks of the stack. */
function aliasesOf(networks: unknown): string[] {
  if (!isMap(networks)) return [];
  const all = Object.values(networks).flatMap((network) => (isMap(network) ? (network.aliases ?? []) : []));
  return [...new Set(all as string[])];
}

/** Null, and not the profile of another service of its component, where it has none. */
function profileOf({ body }: FoldedService): JsonValue {
  const [profile] = (body.profiles as string[] | undefined) ?? [];
  return profile ?? null;
}

type Health = Record<string, JsonValue>;

/** A question about all containers has their number at its end: it is left to who asks, since an override may want another one. */
function ownHealth(
  { probes }: Component,
  service: string,
  body: ServiceBody | undefined,
): Health | undefined {
  const probe = probes.find((one) => one.service === service);
  if (!probe?.http) return undefined;
  const { port, path, status = null } = probe.http;
  const deploy = isMap(body?.deploy) ? body.deploy : {};
  const count = typeof deploy.replicas === 'string' ? deploy.replicas : undefined;
  const isCounted = count !== undefined && path.endsWith(`/${count}`);
  return {
    to: `http://${service}:${port}${isCounted ? path.slice(0, -count.length) : path}`,
    counted: isCounted || null,
    json: probe.json ?? null,
    status,
    says: probe.says ?? null,
  };
}

function offeredHealth({ offers }: Blueprint, service: string): Health {
  const offer = (offers.health ?? []).find(({ item }) => item.service === service);
  return offer ? offer.item : {};
}

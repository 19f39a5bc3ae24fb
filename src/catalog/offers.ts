import type { JsonValue } from '../model/fields.js';
import { GatherError } from '../output/errors.js';
import { nearest } from '../output/nearest.js';
import { interpolate, type Lookup, variablesIn } from '../project/interpolate.js';
import type { OfferType } from './model/words.js';
import type { Component, Offer, OfferKeys } from './schema.js';

/** Kinds that gather itself collects, whatever components a stack has. */
const OWN_KINDS: Record<string, OfferKeys> = {
  // variables with the name and the password of a person, for the report of `gather up` and the start page; `at` is the part or service
  login: {
    username: { type: 'text', optional: false },
    password: { type: 'text', optional: false },
    at: { type: 'text', optional: true },
  },
};

/** Kinds that gather makes of what the components say anyway: files are made of them, and no component offers one. */
export const DERIVED_KINDS: Record<string, OfferKeys> = {
  // a service that goes on running (src/render/parts.ts)
  part: {
    service: { type: 'service', optional: false },
    aliases: { type: 'structure', optional: true },
    to: { type: 'http-url', optional: true },
    counted: { type: 'structure', optional: true },
    json: { type: 'structure', optional: true },
    status: { type: 'text', optional: true },
    says: { type: 'text', optional: true },
  },
};

/** Offers that somebody collects, by their kind, in the order of the components. */
export type Offers = Record<string, Offer[]>;

/**
 * The offers of a stack. A kind that a component outside the stack collects is dropped, as what waits for an absent service is.
 * @param others every component that there is, asked only when no component of the stack collects a kind
 * @throws COMPONENT_INVALID with file and line for a kind that nobody knows, and for an offer that is not as its kind wants it
 */
export function collectOffers(components: Component[], others: () => Component[]): Offers {
  const kinds = kindsOf(components);
  const collected: Offers = Object.fromEntries(Object.keys(kinds).map((kind) => [kind, []]));
  let elsewhere: Record<string, OfferKeys> | undefined;
  for (const offer of components.flatMap((component) => component.offers)) {
    const keys = kinds[offer.kind];
    if (keys) {
      checkKeys(offer, keys);
      collected[offer.kind]?.push({ ...offer, keys });
      continue;
    }
    elsewhere ??= kindsOf(others());
    const known = elsewhere[offer.kind];
    if (!known) throw unknownKind(offer, [...Object.keys(kinds), ...Object.keys(elsewhere)]);
    checkKeys(offer, known);
  }
  return collected;
}

/** Every kind that these components, or gather itself, collect. */
export function kindsOf(components: Component[]): Record<string, OfferKeys> {
  return Object.assign({ ...OWN_KINDS }, ...components.map((component) => component.collects)) as Record<
    string,
    OfferKeys
  >;
}

function unknownKind({ kind, component }: Offer, known: string[]): GatherError {
  const near = nearest(kind, known);
  return new GatherError(
    'COMPONENT_INVALID',
    `no component collects offers of the kind "${kind}"${near ? `; did you mean "${near}"?` : ''}`,
    {
      where: component.at(['x-gather', 'offers', kind]),
      hints: [`known: ${[...new Set(known)].sort().join(', ')}`],
    },
  );
}

function checkKeys(offer: Offer, keys: OfferKeys): void {
  const { item, kind } = offer;
  for (const key of Object.keys(item)) {
    if (keys[key]) continue;
    const near = nearest(key, Object.keys(keys));
    throw invalid(
      offer,
      `an offer of the kind "${kind}" has no key "${key}"${near ? `; did you mean "${near}"?` : ''}`,
      key,
      [`allowed: ${Object.keys(keys).join(', ')}`],
    );
  }
  for (const [key, { optional, type }] of Object.entries(keys)) {
    const value = item[key];
    if ((value === undefined || value === null) && !optional)
      throw invalid(offer, `an offer of the kind "${kind}" needs "${key}"`);
    if (
      value !== undefined &&
      type !== 'structure' &&
      typeof value === 'object' &&
      !(type === 'list' && Array.isArray(value))
    )
      throw invalid(
        offer,
        `"${key}" of an offer of the kind "${kind}" must be a ${type === 'list' ? 'list' : 'text'}`,
        key,
      );
  }
}

export function invalid(offer: Offer, message: string, key?: string, hints: string[] = []): GatherError {
  const path = ['x-gather', 'offers', offer.kind, offer.index, ...(key === undefined ? [] : [key])];
  return new GatherError('COMPONENT_INVALID', message, { where: offer.component.at(path), hints });
}

/**
 * The value of one key of an offer, with the variables filled in. Undefined where the offer does not have it, and while a variable
 * in it has no value.
 * @throws COMPONENT_INVALID with the offer's line for a value that its kind does not take
 */
export function offered(offer: Offer, key: string, lookup: Lookup): JsonValue | undefined {
  const template = offer.item[key];
  if (template === undefined || template === null) return undefined;
  const where = () => offer.component.at(['x-gather', 'offers', offer.kind, offer.index, key]);
  const value = fillIn(template, lookup, where);
  const problem = typeof value === 'string' ? problemOf(value, typeOf(offer, key)) : undefined;
  if (problem === undefined) return value;
  const missing = variablesIn(JSON.stringify(template)).some((name) => lookup(name) === undefined);
  if (missing) return undefined;
  throw invalid(offer, `"${key}" of a ${offer.kind} is "${value}", and ${problem}`, key);
}

/** The same, as a text. */
export function textOf(offer: Offer, key: string, lookup: Lookup): string | undefined {
  const value = offered(offer, key, lookup);
  return value === undefined || typeof value === 'object' ? undefined : String(value);
}

function fillIn(value: JsonValue, lookup: Lookup, where: () => ReturnType<Component['at']>): JsonValue {
  if (typeof value === 'string') return interpolate(value, lookup, where);
  if (Array.isArray(value)) return value.map((item) => fillIn(item, lookup, where));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fillIn(item, lookup, where)]));
}

function typeOf(offer: Offer, key: string): OfferType {
  return offer.keys?.[key]?.type ?? 'text';
}

/** Slashes at both ends, nothing empty between two, and nothing that has a meaning of its own in a proxy's configuration. */
const URL_PATH = /^\/([^/\s{};"'\\$]+\/)*$/;
const HOST = /^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/;
const HTTP_URL = /^https?:\/\/[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?(:\d{1,5})?(\/[^\s{};"'\\$]*)?$/;

function problemOf(value: string, type: OfferType): string | undefined {
  if (type === 'url-path' && !URL_PATH.test(value)) return 'must begin and end with a slash, as /mail/ does';
  if (type === 'host' && !HOST.test(value)) return 'must be the name of a host, as mail.localhost is';
  if (type === 'http-url' && !HTTP_URL.test(value)) return 'must be an address such as http://mailpit:8025';
  return undefined;
}

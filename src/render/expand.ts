import type { Offers } from '../catalog/offers.js';
import type { Offer, ServiceBody } from '../catalog/schema.js';
import { isMap } from './merge.js';

const FOR = /^for ([a-z0-9-]+)$/;
const ITEM = /\$\{item\.(\w+)\}/g;

/**
 * A service with each `for KIND:` in it replaced by what stands below, once for every offer of that kind; `${item.KEY}` in it is
 * what was offered. What names a key that an offer does not have is left out. The templates of variables stay templates.
 */
export function expandOffers(body: ServiceBody, offers: Offers): ServiceBody {
  return Object.fromEntries(
    Object.entries(body).flatMap(([key, value]) => {
      const kind = key.startsWith('for ') ? FOR.exec(key)?.[1] : undefined;
      if (kind === undefined || !isMap(value)) return [[key, inner(value, offers)]];
      return (offers[kind] ?? []).flatMap((offer) =>
        Object.entries(value).flatMap(([name, template]) => {
          const [left, right] = [filled(name, offer), filled(template, offer)];
          return left === undefined || right === undefined ? [] : [[String(left), right]];
        }),
      );
    }),
  );
}

function inner(value: unknown, offers: Offers): unknown {
  if (isMap(value)) return expandOffers(value, offers);
  if (Array.isArray(value)) return value.map((item) => inner(item, offers));
  return value;
}

/** Undefined where the offer lacks what the template names. */
function filled(template: unknown, { item }: Offer): unknown {
  if (typeof template !== 'string') return template;
  const names = [...template.matchAll(ITEM)].map(([, name = '']) => name);
  if (names.some((name) => item[name] === undefined)) return undefined;
  return template.replace(ITEM, (_, name: string) => String(item[name]));
}

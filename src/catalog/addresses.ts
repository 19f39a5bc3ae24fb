import { GatherError } from '../output/errors.js';
import { interpolate, type Lookup, variablesIn } from '../project/interpolate.js';
import { BIND, reachable } from './bind.js';
import type { Component } from './schema.js';

/**
 * The address that a link of a component leads to, where its ports listen; undefined while a variable in it has no value.
 * Throws COMPONENT_INVALID with the link's line for what is no URL.
 */
export function linkAddress(component: Component, title: string, lookup: Lookup): string | undefined {
  const template = component.links[title] ?? '';
  const where = () => component.at(['x-gather', 'links', title]);
  const url = interpolate(template, lookup, where);
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(url) && URL.canParse(url))
    return reachable(new URL(url), lookup(BIND)).href;
  if (variablesIn(template).some((name) => lookup(name) === undefined)) return undefined;
  throw new GatherError(
    'COMPONENT_INVALID',
    `the link "${title}" is no URL, as http://localhost:8025/ is: ${template}`,
    { where: where() },
  );
}

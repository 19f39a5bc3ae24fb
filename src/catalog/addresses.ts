import { GatherError } from '../output/errors.js';
import { interpolate, type Lookup, variablesIn } from '../project/interpolate.js';
import { BIND, reachable } from './bind.js';
import type { Component } from './schema.js';

/** Slashes at both ends, nothing empty between two, and nothing that has a meaning of its own in nginx.conf. */
const PATH = /^\/([^/\s{};"'\\$]+\/)*$/;

/**
 * The path at the proxy that a route of a component stands for; undefined while a variable in it has no value.
 * Throws COMPONENT_INVALID with the route's line for what cannot be one.
 */
export function routePath(component: Component, template: string, lookup: Lookup): string | undefined {
  return read(component, ['x-gather', 'routes', template], template, lookup, {
    find: (path) => (PATH.test(path) ? path : undefined),
    problem: `the route "${template}" must begin and end with a slash, as /mail/ does`,
  });
}

/**
 * The address that a link of a component leads to, where its ports listen; undefined while a variable in it has no value.
 * Throws COMPONENT_INVALID with the link's line for what is no URL.
 */
export function linkAddress(component: Component, title: string, lookup: Lookup): string | undefined {
  const template = component.links[title] ?? '';
  return read(component, ['x-gather', 'links', title], template, lookup, {
    find: (url) =>
      /^[a-z][a-z0-9+.-]*:\/\//i.test(url) && URL.canParse(url)
        ? reachable(new URL(url), lookup(BIND)).href
        : undefined,
    problem: `the link "${title}" is no URL, as http://localhost:8025/ is: ${template}`,
  });
}

function read(
  component: Component,
  path: string[],
  template: string,
  lookup: Lookup,
  { find, problem }: { find: (text: string) => string | undefined; problem: string },
): string | undefined {
  const where = () => component.at(path);
  const found = find(interpolate(template, lookup, where));
  if (found !== undefined) return found;
  if (variablesIn(template).some((name) => lookup(name) === undefined)) return undefined;
  throw new GatherError('COMPONENT_INVALID', problem, { where: where() });
}

import type { Blueprint } from '../catalog/blueprint.js';
import type { Component, ServiceBody } from '../catalog/schema.js';
import { GatherError } from '../output/errors.js';
import { expandOffers } from './expand.js';
import { CannotMerge, dependsOn, isMap, mergeBodies } from './merge.js';

/** A service of the stack: what it adds to its template. */
export interface FoldedService {
  name: string;
  /** The component that brings it. */
  component: Component;
  /** The template it extends, a key of `Folded.templates`. */
  template: string | undefined;
  body: ServiceBody;
}

/** The components of a stack as one Compose model. */
export interface Folded {
  templates: Record<string, ServiceBody>;
  services: FoldedService[];
  resources: Component['resources'];
}

/** Several files are made of one stack, and folding it costs more than writing them. */
const known = new WeakMap<Blueprint, Folded>();

/**
 * Folds the components into one model: each service as its own component has it, with what the others change of it. A change to a
 * service that the stack does not have is dropped; one that extends a template stays based on it. The same for the same blueprint:
 * whoever wants another one makes it of a copy.
 */
export function fold(blueprint: Blueprint): Folded {
  const folded = known.get(blueprint) ?? foldAnew(blueprint);
  known.set(blueprint, folded);
  return folded;
}

function foldAnew(blueprint: Blueprint): Folded {
  const templates: Record<string, ServiceBody> = {};
  const services = new Map<string, FoldedService>();
  for (const component of blueprint.components)
    for (const [name, service] of Object.entries(component.services)) {
      const { extends: from, ...written } = service;
      const body = expandOffers(written, blueprint.offers);
      if (component.templates.includes(name)) templates[name] = body;
      else services.set(name, { name, component, template: extended(component, name, from), body });
    }
  for (const component of blueprint.components) {
    for (const [name, written] of Object.entries(component.changes))
      change(component, name, expandOffers(written, blueprint.offers), ['x-gather', 'changes', name]);
    for (const [name, mounts] of mountsOf(component))
      change(component, name, { volumes: mounts }, ['x-gather', 'files', name]);
  }
  for (const service of services.values()) inline(service, services, templates);

  const names = new Set(services.keys());
  for (const [name, body] of Object.entries(templates)) templates[name] = withoutAbsent(body, names);
  for (const service of services.values()) service.body = withoutAbsent(service.body, names);
  return {
    templates,
    services: [...services.values()],
    resources: usedResources(blueprint, templates, services),
  };

  function change(component: Component, name: string, body: ServiceBody, path: string[]): void {
    const service = services.get(name);
    if (service) {
      // whoever changes what the service has from its template is to blame, and not who brings the service
      if (!service.template || templates[service.template])
        layOver(whole(service, templates), body, component, path);
      service.body = layOver(service.body, body, component, path);
    } else if (templates[name]) templates[name] = layOver(templates[name], body, component, path);
  }
}

/** The files that a component has rendered, as mounts of the services that get them. */
function mountsOf(component: Component): [service: string, mounts: unknown[]][] {
  return Object.entries(component.files).flatMap(([path, { service = [], target = '' }]) =>
    service.map((name): [string, unknown[]] => [
      name,
      [
        {
          type: 'bind',
          source: `./${path.replace(/\/$/, '')}`,
          target: target.replace(/\/$/, ''),
          read_only: true,
          bind: { create_host_path: false },
        },
      ],
    ]),
  );
}

/** The services that a component brings, without its templates. */
export function ownServices(component: Component): string[] {
  return Object.keys(component.services).filter((name) => !component.templates.includes(name));
}

/** The body as it is once its template is laid under it. */
export function whole(service: FoldedService, templates: Folded['templates']): ServiceBody {
  const template = service.template ? templates[service.template] : undefined;
  return template
    ? layOver(template, service.body, service.component, ['services', service.name])
    : service.body;
}

/**
 * Merges as Compose does. Throws COMPONENT_INVALID with the line of what Compose would refuse to merge.
 * @param path where `over` stands in the component's file; the service's name is its last
 */
function layOver(base: ServiceBody, over: ServiceBody, component: Component, path: string[]): ServiceBody {
  try {
    return mergeBodies(base, over);
  } catch (error) {
    if (!(error instanceof CannotMerge)) throw error;
    throw new GatherError('COMPONENT_INVALID', `service "${path.at(-1)}": ${error.message}`, {
      where: component.at([...path, ...error.path]),
    });
  }
}

/** What a service takes from: `extends: NAME` or `extends: { service: NAME }`, of whichever component. */
function extended(component: Component, name: string, from: unknown): string | undefined {
  if (from === undefined || typeof from === 'string') return from;
  if (isMap(from) && typeof from.service === 'string') return from.service;
  throw new GatherError('COMPONENT_INVALID', `extends of service "${name}" needs "service"`, {
    where: component.at(['services', name, 'extends']),
  });
}

/** A service based on another service, not on a template, takes that one's whole body, and what that one is based on itself. */
function inline(
  service: FoldedService,
  services: Map<string, FoldedService>,
  templates: Folded['templates'],
  through: string[] = [],
): void {
  if (!service.template || templates[service.template]) return;
  const { name, component } = service;
  const base = services.get(service.template);
  if (!base || through.includes(name))
    throw new GatherError(
      'COMPONENT_INVALID',
      base
        ? `service "${name}" extends itself, through ${through.slice(through.indexOf(name) + 1).join(', ')}`
        : `service "${name}" extends "${service.template}", which no component of this stack has`,
      {
        where: component.at(['services', name, 'extends']),
        hints: base ? [] : [`add the component that has it to x-gather.requires`],
      },
    );
  inline(base, services, templates, [...through, name]);
  service.template = base.template;
  service.body = layOver(base.body, service.body, component, ['services', name]);
}

/** A service does not wait for one that this stack does not have; `required: false` has served its turn then. */
function withoutAbsent(body: ServiceBody, known: Set<string>): ServiceBody {
  const { depends_on: waits, ...rest } = body;
  if (waits === undefined) return body;
  const kept = Object.entries(dependsOn(waits))
    .filter(([name]) => known.has(name))
    .map(([name, condition]) => {
      const { required: _, ...how } = condition;
      return [name, how] as const;
    });
  return kept.length ? { ...body, depends_on: Object.fromEntries(kept) } : rest;
}

function usedResources(
  blueprint: Blueprint,
  templates: Folded['templates'],
  services: Map<string, FoldedService>,
): Component['resources'] {
  const bodies = [...services.values()].map((service) => whole(service, templates));
  const used = {
    networks: new Set(bodies.flatMap((body) => namesOf(body.networks))),
    volumes: new Set(bodies.flatMap((body) => volumeNames(body.volumes))),
    configs: new Set(bodies.flatMap((body) => namesOf(body.configs))),
  };
  const resources: Component['resources'] = { networks: {}, volumes: {}, configs: {} };
  for (const kind of ['networks', 'volumes', 'configs'] as const)
    for (const component of blueprint.components)
      for (const [name, body] of Object.entries(component.resources[kind]))
        if (used[kind].has(name)) {
          const earlier = resources[kind][name];
          resources[kind][name] =
            isMap(earlier) && isMap(body) ? mergeBodies(earlier, body) : (body ?? earlier ?? null);
        }
  return resources;
}

/** The names in a list, or the keys of a map. */
export function namesOf(value: unknown): string[] {
  if (isMap(value)) return Object.keys(value);
  if (!Array.isArray(value)) return [];
  return value.map((item) => (isMap(item) ? String(item.source) : String(item)));
}

function volumeNames(value: unknown): string[] {
  if (!Array.isArray(value)) return [];
  return value
    .map((item) =>
      isMap(item) ? (item.type === 'volume' ? String(item.source) : '') : (String(item).split(':')[0] ?? ''),
    )
    .filter((source) => /^[A-Za-z0-9]/.test(source));
}

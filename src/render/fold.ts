import type { Blueprint } from '../catalog/blueprint.js';
import type { Component, ServiceBody } from '../catalog/schema.js';
import { GatherError } from '../output/errors.js';
import { isMap, mergeBodies } from './merge.js';

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

/**
 * Folds the components into one model. A service that extends a service of the same name in another component
 * is a change to it, which is dropped when the stack has no such service; one that extends a template stays based on it.
 */
export function fold(blueprint: Blueprint): Folded {
  const templates: Record<string, ServiceBody> = {};
  const services = new Map<string, FoldedService>();
  const changes: { component: Component; name: string; body: ServiceBody }[] = [];

  for (const component of blueprint.components)
    for (const [name, service] of Object.entries(component.services)) {
      const { extends: from, ...body } = service;
      const extended = readExtends(component, name, from);
      if (component.templates.includes(name)) templates[name] = body;
      else if (extended?.file && extended.service === name) changes.push({ component, name, body });
      else services.set(name, { name, component, template: extended?.service, body });
    }
  for (const { name, body } of changes) {
    const service = services.get(name);
    if (service) service.body = mergeBodies(service.body, body);
    else if (templates[name]) templates[name] = mergeBodies(templates[name], body);
  }
  for (const service of services.values())
    if (service.template && !templates[service.template]) inline(service, services);

  const known = new Set(services.keys());
  for (const [name, body] of Object.entries(templates)) templates[name] = withoutAbsent(body, known);
  for (const service of services.values()) service.body = withoutAbsent(service.body, known);
  return {
    templates,
    services: [...services.values()],
    resources: usedResources(blueprint, templates, services),
  };
}

/** The services that a component brings, without its templates and its changes to services of others. */
export function ownServices(component: Component): string[] {
  return Object.entries(component.services).flatMap(([name, { extends: from }]) => {
    const extended = readExtends(component, name, from);
    const isChange = extended?.file !== undefined && extended.service === name;
    return isChange || component.templates.includes(name) ? [] : [name];
  });
}

/** The body as it is once its template is laid under it. */
export function whole(service: FoldedService, templates: Folded['templates']): ServiceBody {
  const template = service.template ? templates[service.template] : undefined;
  return template ? mergeBodies(template, service.body) : service.body;
}

function readExtends(
  component: Component,
  name: string,
  from: unknown,
): { file?: string; service: string } | undefined {
  if (from === undefined) return undefined;
  if (typeof from === 'string') return { service: from };
  if (isMap(from) && typeof from.service === 'string')
    return typeof from.file === 'string'
      ? { file: from.file, service: from.service }
      : { service: from.service };
  throw new GatherError(
    'COMPONENT_INVALID',
    `extends of service "${name}" needs "service", and "file" for another component`,
    {
      where: { file: component.file },
    },
  );
}

/** A service based on another service, not on a template, takes that one's whole body. */
function inline(service: FoldedService, services: Map<string, FoldedService>): void {
  const base = services.get(service.template ?? '');
  if (!base)
    throw new GatherError(
      'COMPONENT_INVALID',
      `service "${service.name}" extends "${service.template}", which no component of this stack has`,
      {
        where: { file: service.component.file },
        hints: [`add the component that has it to x-gather.requires`],
      },
    );
  service.template = base.template;
  service.body = mergeBodies(base.body, service.body);
}

/** A service does not wait for one that this stack does not have; `required: false` has served its turn then. */
function withoutAbsent(body: ServiceBody, known: Set<string>): ServiceBody {
  if (!isMap(body.depends_on)) return body;
  const kept = Object.entries(body.depends_on)
    .filter(([name]) => known.has(name))
    .map(([name, condition]) => {
      const { required: _, ...rest } = condition as Record<string, unknown>;
      return [name, rest] as const;
    });
  const { depends_on: _, ...rest } = body;
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

import { linkAddress, routePath } from '../catalog/addresses.js';
import type { Blueprint } from '../catalog/blueprint.js';
import { lookupIn } from '../catalog/lookup.js';
import { GatherError } from '../output/errors.js';
import type { Lookup } from '../project/interpolate.js';
import { FILES } from '../project/project.js';
import { parseUrl } from '../project/url.js';
import { renderComposeFile } from './compose-file.js';
import { renderEnvTemplate } from './env-template.js';
import { ownServices } from './fold.js';
import { renderInitSql } from './init-sql.js';
import { nginxDigest, type Route, renderNginx } from './nginx.js';

/** A file that gather generates: its path in the project, its whole text, its mode. */
export interface RenderedFile {
  path: string;
  text: string;
  mode: number;
  /** True where a file of this name that gather has not made is a person's, and stays as it is. */
  yields?: boolean;
}

/**
 * Every generated file of a project, the same bytes for the same gather.yaml and `.env`.
 * @param env the values of `.env`; undefined while there is none
 * @param names the variables that it has
 */
export function renderProject(
  blueprint: Blueprint,
  env: Lookup | undefined,
  names: string[] = [],
): RenderedFile[] {
  const lookup = lookupIn(blueprint.variables, env ?? (() => undefined));
  const routes = routesOf(blueprint, lookup);
  // a link that is no URL is to be known now, and not once the stack is up
  linksOf(blueprint, lookup);
  const proxied = blueprint.components.some((component) => component.services.proxy);
  const nginx = renderNginx(routes);
  const labels = proxied ? { proxy: { 'gather.nginx': nginxDigest(nginx) } } : undefined;
  return [
    { path: FILES.compose, text: renderComposeFile(blueprint, labels, names), mode: 0o644 },
    ...(proxied ? [{ path: FILES.nginx, text: nginx, mode: 0o644 }] : []),
    ...(env && blueprint.databases.length
      ? [{ path: FILES.initSql, text: initSql(blueprint, lookup), mode: 0o600 }]
      : []),
    { path: FILES.envTemplate, text: renderEnvTemplate(blueprint, names), mode: 0o644, yields: true },
  ];
}

/** Title → address, for people; a later component's word counts. A component whose services all do not run has no address. */
export function linksOf(
  blueprint: Blueprint,
  lookup: Lookup,
  runs: (service: string) => boolean = () => true,
): Record<string, string> {
  const there = blueprint.components.filter((component) => {
    const names = ownServices(component);
    return names.length === 0 || names.some(runs);
  });
  const links: Record<string, string> = {};
  for (const component of there)
    for (const title of Object.keys(component.links)) {
      const address = linkAddress(component, title, lookup);
      if (address) links[title] = address;
    }
  return links;
}

/** Role, password and database of each PostgreSQL URL that the stack's `.env` holds. */
export function databasesOf(
  blueprint: Blueprint,
  lookup: Lookup,
): { role: string; password: string; database: string }[] {
  return blueprint.databases.map((name) => {
    const url = parseUrl(lookup(name) ?? '');
    return {
      role: url.username ?? '',
      password: url.password ?? '',
      database: (url.path ?? '').replace(/^\//, ''),
    };
  });
}

function initSql(blueprint: Blueprint, lookup: Lookup): string {
  return databasesOf(blueprint, lookup).map(renderInitSql).join('\n');
}

function routesOf(blueprint: Blueprint, lookup: Lookup): Route[] {
  const owners = new Map<string, string>();
  return blueprint.components.flatMap((component) => {
    const profiles = Object.values(component.services).flatMap(
      (service) => (service.profiles as string[] | undefined) ?? [],
    );
    return Object.entries(component.routes).flatMap(([template, target]): Route[] => {
      const path = routePath(component, template, lookup);
      if (path === undefined) return [];
      const owner = owners.get(path);
      if (owner)
        throw new GatherError(
          'COMPONENT_INVALID',
          `the proxy already leads ${path} to component "${owner}"`,
          {
            where: component.at(['x-gather', 'routes', template]),
          },
        );
      owners.set(path, component.name);
      return [{ path, target, title: component.summary, profile: profiles[0] }];
    });
  });
}

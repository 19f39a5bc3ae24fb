import { linkAddress } from '../catalog/addresses.js';
import type { Blueprint } from '../catalog/blueprint.js';
import { lookupIn } from '../catalog/lookup.js';
import { invalid, offered, textOf } from '../catalog/offers.js';
import type { Lookup } from '../project/interpolate.js';
import { FILES } from '../project/project.js';
import { renderComposeFile, type ServiceLabels } from './compose-file.js';
import { renderEnvTemplate } from './env-template.js';
import { componentFiles, digestsOf } from './files.js';
import { ownServices } from './fold.js';
import { databaseOf, type InitSqlInput } from './init-sql.js';

/** A file that gather generates: its path in the project, its whole text, its mode. */
export interface RenderedFile {
  path: string;
  text: string;
  mode: number;
  /** True where a file of this name that gather has not made is a person's, and stays as it is. */
  yields?: boolean;
  /** True where the language has no comments, and so no place for a digest. */
  unsealed?: boolean;
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
  // a link that is no URL is to be known now, and not once the stack is up
  linksOf(blueprint, lookup);
  checkAddresses(blueprint, lookup);
  const labels: ServiceLabels = {};
  for (const [service, digest] of Object.entries(digestsOf(blueprint, lookup)))
    labels[service] = { 'gather.files': digest };
  return [
    { path: FILES.compose, text: renderComposeFile(blueprint, labels, names), mode: 0o644 },
    ...componentFiles(blueprint, lookup, env !== undefined).map(({ path, text, secret, sealed }) => ({
      path,
      text,
      mode: secret ? 0o600 : 0o644,
      ...(sealed ? {} : { unsealed: true }),
    })),
    { path: FILES.envTemplate, text: renderEnvTemplate(blueprint, names), mode: 0o644, yields: true },
  ];
}

/**
 * Title → address, for people; the last word that leads somewhere counts. A component whose services all do not run has no address.
 * @param follow where an address leads now, undefined where it leads nowhere
 */
export function linksOf(
  blueprint: Blueprint,
  lookup: Lookup,
  {
    runs = () => true,
    follow = (address) => address,
  }: { runs?: (service: string) => boolean; follow?: (address: string) => string | undefined } = {},
): Record<string, string> {
  const there = blueprint.components.filter((component) => {
    const names = ownServices(component);
    return names.length === 0 || names.some(runs);
  });
  const links: Record<string, string> = {};
  for (const component of there)
    for (const title of Object.keys(component.links)) {
      const address = linkAddress(component, title, lookup);
      const now = address && follow(address);
      if (now) links[title] = now;
    }
  return links;
}

/** Role, password and database of each database that components ask for. */
export function databasesOf(blueprint: Blueprint, lookup: Lookup): InitSqlInput[] {
  return (blueprint.offers.database ?? []).map((offer) => {
    const texts = (['url', 'name', 'role', 'password'] as const).flatMap((key) => {
      const value = textOf(offer, key, lookup);
      return value === undefined ? [] : [[key, value]];
    });
    const statements = offered(offer, 'statements', lookup);
    return databaseOf({
      ...Object.fromEntries(texts),
      ...(Array.isArray(statements) && { statements: statements.map(String) }),
    });
  });
}

/** An address at the proxy leads to one place. */
function checkAddresses(blueprint: Blueprint, lookup: Lookup): void {
  const owners = new Map<string, string>();
  for (const offer of blueprint.offers.route ?? []) {
    const path = offer.item.path === undefined ? '/' : textOf(offer, 'path', lookup);
    if (path === undefined) continue;
    const address = `${textOf(offer, 'host', lookup) ?? ''}${path}`;
    const owner = owners.get(address);
    if (owner) throw invalid(offer, `the proxy already leads ${address} to component "${owner}"`);
    owners.set(address, offer.component.name);
  }
}

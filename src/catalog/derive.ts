import { interpolate, type Lookup } from '../project/interpolate.js';
import { buildUrl, parseUrl } from '../project/url.js';
import { BIND, hostAt } from './bind.js';
import { certificateOf, newServerCertificate, purposeOf } from './certificate.js';
import type { CertificateSpec, UrlSpec } from './model/variable.js';
import type { JsonSpec, VariableSpec } from './schema.js';

/** True for a variable whose value follows from those of others. */
export function isDerived(variable: VariableSpec): boolean {
  return (
    variable.url !== undefined ||
    variable.certificate !== undefined ||
    variable.json !== undefined ||
    (variable.default?.includes('${') ?? false)
  );
}

/** The value that follows from the others: each part of a URL or of JSON is filled in first and encoded then. */
export function derive(variable: VariableSpec, lookup: Lookup): string {
  if (variable.url) return deriveUrl(variable.url, lookup);
  if (variable.certificate) return deriveCertificate(variable.certificate, lookup);
  if (variable.json !== undefined) return JSON.stringify(fillIn(variable.json, lookup) ?? null);
  return interpolate(variable.default ?? '', lookup);
}

/** The names of the variables that a derived value is made of. */
export function ingredientsOf(variable: VariableSpec): string[] {
  const templates = [
    variable.default ?? '',
    ...Object.values(variable.url ?? {}),
    variable.certificate ?? {},
    variable.json ?? '',
  ];
  const named = [...JSON.stringify(templates).matchAll(/\$\{(\w+)/g)].map(([, name = '']) => name);
  return isOfThisMachine(variable.url) ? [...named, BIND] : named;
}

/** True when two values of a derived variable mean the same: the same text, URLs that differ only by a default port, certificates for the same, or JSON that differs only by white space. */
export function sameMeaning(variable: VariableSpec, a: string, b: string): boolean {
  if (a === b) return true;
  try {
    if (variable.json !== undefined) return JSON.stringify(JSON.parse(a)) === JSON.stringify(JSON.parse(b));
    if (variable.certificate) return JSON.stringify(purposeOf(a)) === JSON.stringify(purposeOf(b));
    if (!variable.url) return false;
    return JSON.stringify(essence(a)) === JSON.stringify(essence(b));
  } catch {
    return false;
  }
}

const DEFAULT_PORTS: Record<string, string> = { postgresql: '5432', redis: '6379', http: '80', https: '443' };

/** In `url.host`, as in links, localhost is where the stack's published ports listen. */
export function isOfThisMachine(url: UrlSpec | undefined): boolean {
  return url?.host === 'localhost';
}

/** Empty while there is no authority. */
function deriveCertificate({ authority, names }: CertificateSpec, lookup: Lookup): string {
  const issuer = interpolate(authority, lookup);
  if (issuer === '') return '';
  if (names.length === 0) return certificateOf(issuer);
  return newServerCertificate(
    issuer,
    names.map((name) => interpolate(name, lookup)),
  );
}

function deriveUrl(spec: UrlSpec, lookup: Lookup): string {
  const part = (template: string | undefined) =>
    template === undefined ? undefined : interpolate(template, lookup);
  const port = part(spec.port);
  return buildUrl({
    scheme: spec.scheme,
    ...(spec.username === undefined ? {} : { username: part(spec.username) ?? '' }),
    ...(spec.password === undefined ? {} : { password: part(spec.password) ?? '' }),
    host: isOfThisMachine(spec) ? hostAt(lookup(BIND)) : (part(spec.host) ?? ''),
    // people are shown http://localhost, not http://localhost:80
    ...(port === undefined || (spec.scheme === 'http' && port === '80') ? {} : { port: Number(port) }),
    ...(spec.path === undefined ? {} : { path: part(spec.path) ?? '' }),
  });
}

/** Without the texts that turn out empty, in a map: an optional field that nobody filled. */
function fillIn(json: JsonSpec, lookup: Lookup): JsonSpec | undefined {
  if (typeof json === 'string') return interpolate(json, lookup) || undefined;
  if (Array.isArray(json)) return json.map((item) => fillIn(item, lookup) ?? '');
  if (typeof json !== 'object' || json === null) return json;
  const filled = Object.entries(json).map(([key, value]) => [key, fillIn(value, lookup)] as const);
  return Object.fromEntries(filled.filter(([, value]) => value !== undefined)) as JsonSpec;
}

function essence(url: string): unknown[] {
  const { scheme, username, password, host, port, path } = parseUrl(url);
  const kind =
    Object.keys(DEFAULT_PORTS).find((name) => scheme === name || scheme.split('+').includes(name)) ?? '';
  return [
    scheme,
    username ?? '',
    password ?? '',
    host,
    String(port ?? DEFAULT_PORTS[kind] ?? ''),
    path ?? '',
  ];
}

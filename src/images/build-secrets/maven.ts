import { join } from 'node:path';
import { type Ecosystem, readIf, secretText } from './host.js';
import { childrenOf, isOn, textOf } from './settings-xml.js';

interface Repository {
  id: string;
  url: string;
}

const CENTRAL: Repository = { id: 'central', url: 'https://repo.maven.apache.org/maven2' };

/**
 * `maven`: the repositories of Maven's settings.xml in their order, a line each: address, login and proxy, with tabs between,
 * empty where there is none. Mirrors, servers, profiles and proxies count as they do for Maven; a password that Maven has
 * encrypted cannot be read.
 */
export const maven: Ecosystem = ({ env, home, etc, usr }) => {
  const install = env.MAVEN_HOME || env.M2_HOME || join(usr, 'share/maven');
  const files = [
    join(home, '.m2/settings.xml'),
    join(install, 'conf/settings.xml'),
    join(etc, 'maven/settings.xml'),
  ];
  const settings = files
    .map((file) => withVariables(readIf(file), env, home))
    .map((text) => text.replace(/<!--[\s\S]*?-->/g, ''));
  const all = (path: `${string}/${string}`) => {
    const [list = '', item = ''] = path.split('/');
    return settings.flatMap((text) => childrenOf(text, list).flatMap((part) => childrenOf(part, item)));
  };
  const mirrors = all('mirrors/mirror');
  const servers = all('servers/server');
  const proxies = all('proxies/proxy').filter(isOn);
  const repositories = [...profileRepositories(settings), CENTRAL].flatMap((one) => mirrored(one, mirrors));
  const lines = unique(repositories).map(({ id, url }) =>
    [url, loginOf(id, servers), proxyFor(url, proxies)].join('\t'),
  );
  const isPlain = lines.length === 1 && lines[0] === `${CENTRAL.url}\t\t`;
  return secretText('maven', isPlain ? '' : `${lines.join('\n')}\n`);
};

/** Those of the active profiles; the first of an id counts. */
function profileRepositories(settings: string[]): Repository[] {
  const active = new Set(
    settings.flatMap((text) =>
      childrenOf(text, 'activeProfiles').flatMap((part) =>
        childrenOf(part, 'activeProfile').map((id) => id.trim()),
      ),
    ),
  );
  return settings
    .flatMap((text) => childrenOf(text, 'profiles').flatMap((part) => childrenOf(part, 'profile')))
    .filter((profile) => active.has(textOf(profile, 'id')) || textOf(profile, 'activeByDefault') === 'true')
    .flatMap((profile) =>
      childrenOf(profile, 'repositories').flatMap((part) => childrenOf(part, 'repository')),
    )
    .map((one) => ({ id: textOf(one, 'id'), url: textOf(one, 'url').replace(/\/$/, '') }))
    .filter(({ url }) => /^https?:/.test(url));
}

/** What is asked in its place (https://maven.apache.org/guides/mini/guide-mirror-settings.html): an exact id comes before patterns. */
function mirrored(repository: Repository, mirrors: string[]): Repository[] {
  const patterns = (mirror: string) =>
    textOf(mirror, 'mirrorOf')
      .split(',')
      .map((part) => part.trim());
  const found =
    mirrors.find((mirror) => textOf(mirror, 'mirrorOf') === repository.id) ??
    mirrors.find((mirror) => matches(repository, patterns(mirror)));
  if (!found) return [repository];
  // Maven's own settings.xml blocks repositories without TLS so, but for mirrors
  if (textOf(found, 'blocked') === 'true') return [];
  return [{ id: textOf(found, 'id'), url: textOf(found, 'url').replace(/\/$/, '') }];
}

function matches({ id, url }: Repository, patterns: string[]): boolean {
  if (patterns.includes(`!${id}`)) return false;
  const isLocal = /^(https?:\/\/(localhost|127\.0\.0\.1)[:/]|file:)/.test(url);
  return patterns.some(
    (pattern) =>
      pattern === '*' ||
      pattern === id ||
      (pattern === 'external:*' && !isLocal) ||
      (pattern === 'external:http:*' && !isLocal && url.startsWith('http:')),
  );
}

/** One of each id and of each address: a profile's `central` is there in place of Maven's own. */
function unique(repositories: Repository[]): Repository[] {
  return repositories.filter(
    (one, i) => repositories.findIndex((other) => other.id === one.id || other.url === one.url) === i,
  );
}

function loginOf(id: string, servers: string[]): string {
  const server = servers.find((one) => textOf(one, 'id') === id);
  const [username, password] = server ? [textOf(server, 'username'), textOf(server, 'password')] : ['', ''];
  return username && !/^\{.*\}$/.test(password) ? `${username}:${password}` : '';
}

function proxyFor(url: string, proxies: string[]): string {
  const { hostname } = new URL(url);
  const proxy = proxies[0];
  if (!proxy) return '';
  const direct = textOf(proxy, 'nonProxyHosts').split('|').filter(Boolean);
  const isDirect = direct.some((pattern) =>
    new RegExp(`^${pattern.replace(/[.+?^${}()[\]\\]/g, '\\$&').replace(/\*/g, '.*')}$`).test(hostname),
  );
  const host = textOf(proxy, 'host');
  if (isDirect || !host) return '';
  const [username, password] = [textOf(proxy, 'username'), textOf(proxy, 'password')].map(encodeURIComponent);
  const login = username ? `${username}:${password}@` : '';
  return `http://${login}${host}:${textOf(proxy, 'port') || '8080'}`;
}

/** Maven fills in the environment and what it calls the user's home. */
function withVariables(text: string, env: NodeJS.ProcessEnv, home: string): string {
  return text
    .replace(/\$\{env\.(\w+)\}/g, (written, name: string) => escaped(env[name] ?? written))
    .replace(/\$\{user\.home\}/g, escaped(home));
}

function escaped(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/\$/g, '&#36;');
}

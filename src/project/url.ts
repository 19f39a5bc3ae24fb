import { GatherError } from '../output/errors.js';

/** The parts of a URL as they are meant, nothing percent-encoded. */
export interface UrlParts {
  /** Such as `postgresql+psycopg2`. */
  scheme: string;
  username?: string;
  /** Given and empty is kept: the broker of the official compose file is `redis://:@redis:6379/0`. */
  password?: string;
  /** A name, an IPv4 or an IPv6 address without brackets; empty for a local socket or a file. */
  host: string;
  port?: number;
  /** What stands behind the slash after the host: a database, a path. Its own slashes stay slashes. */
  path?: string;
  query?: Record<string, string>;
}

const SCHEME = /^[A-Za-z][A-Za-z0-9+.-]*$/;
const URL_PARTS =
  /^(?<scheme>[^:/?#]+):\/\/(?:(?<username>[^:@/?#]*)(?::(?<password>[^@/?#]*))?@)?(?:\[(?<ipv6>[^\]/?#@]*)\]|(?<host>[^:/?#@[\]]*))(?::(?<port>\d+))?(?:\/(?<path>[^?#]*))?(?:\?(?<query>[^#]*))?$/;

/**
 * Puts a URL together with every part percent-encoded, so that SQLAlchemy, psycopg2, kombu, redis-py and WHATWG's URL
 * read the same parts back. SQLAlchemy before 2.1 does not decode the path: keep database names to unreserved
 * characters and slashes.
 *
 * @throws GatherError `VARIABLE_INVALID` for a scheme, host or port that cannot be one, a path with `.` or `..` as a
 * part (a WHATWG URL drops them even when encoded), or half of a surrogate pair. The message never shows user or password.
 */
export function buildUrl({ scheme, username, password, host, port, path, query }: UrlParts): string {
  if (!SCHEME.test(scheme)) throw invalid(`"${scheme}" cannot be the scheme of a URL.`);
  if (/[\s/?#@\\[\]%<>^|]|[\0-\x1f\x7f]/.test(host)) throw invalid(`"${host}" cannot be a host.`);
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= 65535)) {
    throw invalid(`${port} is not a port: it has to be a number from 0 to 65535.`);
  }
  if (path?.split('/').some((part) => part === '.' || part === '..')) {
    throw invalid('The path of a URL cannot have "." or ".." as a part.');
  }
  let user = encode(username ?? '');
  if (password !== undefined) user += `:${encode(password)}`;
  const pairs = Object.entries(query ?? {}).map(([name, value]) => `${encode(name)}=${encode(value)}`);
  return [
    `${scheme}://`,
    user === '' ? '' : `${user}@`,
    host.includes(':') ? `[${host}]` : host,
    port === undefined ? '' : `:${port}`,
    path === undefined ? '' : `/${path.split('/').map(encode).join('/')}`,
    pairs.length === 0 ? '' : `?${pairs.join('&')}`,
  ].join('');
}

/**
 * The parts of a URL that buildUrl, or a person, wrote; a part that is not there is left out, and so is an empty user.
 *
 * @throws GatherError `VARIABLE_INVALID`, without the text of the URL, when it cannot be read.
 */
export function parseUrl(text: string): UrlParts {
  const groups = URL_PARTS.exec(text)?.groups;
  if (groups === undefined || !SCHEME.test(groups.scheme ?? '')) {
    throw invalid('This is not a URL as scheme://user:password@host:port/path?name=value.', [
      'Percent-encode what is special in the user and the password: "@" is %40, "/" is %2F, ":" is %3A, "#" is %23.',
    ]);
  }
  const parts: UrlParts = { scheme: groups.scheme ?? '', host: groups.ipv6 ?? decode(groups.host ?? '') };
  if (groups.username) parts.username = decode(groups.username);
  if (groups.password !== undefined) parts.password = decode(groups.password);
  if (groups.port !== undefined) parts.port = Number(groups.port);
  if (groups.path !== undefined) parts.path = decode(groups.path);
  if (groups.query) parts.query = parseQuery(groups.query);
  return parts;
}

function parseQuery(text: string): Record<string, string> {
  const pairs = text.split('&').filter((pair) => pair !== '');
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      const [name, value] = at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
      // In a query, and only there, "+" is how forms write a space.
      return [decode(name.replaceAll('+', ' ')), decode(value.replaceAll('+', ' '))];
    }),
  );
}

/** encodeURIComponent leaves `!'()*` alone, which shells and some parsers do not. */
export function encode(part: string): string {
  if (/\p{Surrogate}/u.test(part)) throw invalid('A part of the URL holds a broken character.');
  return encodeURIComponent(part).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw invalid('A "%" in the URL is not followed by the two digits of a character.', [
      'Write "%" as %25.',
    ]);
  }
}

function invalid(message: string, hints: string[] = []): GatherError {
  return new GatherError('VARIABLE_INVALID', message, { hints });
}

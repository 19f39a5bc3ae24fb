import type { Blueprint } from '../catalog/blueprint.js';
import { isSecret } from '../catalog/is-secret.js';
import type { EnvFile } from '../project/dotenv.js';
import { encode, parseUrl } from '../project/url.js';

/** A Fernet key; `.env` has two of them while they are changed. */
const FERNET_KEYS = /(?<![\w-])[\w-]{43}=(?![\w=-])/g;

/** Replaces every secret of `.env` in a text that others wrote, such as a log line: plain, and as URLs, SQL and JSON have it. */
export function redactor(blueprint: Blueprint, env: EnvFile): (text: string) => string {
  const secrets = env
    .names()
    .flatMap((name) => {
      const value = env.get(name) ?? '';
      // the address of a repository may have a login in it
      return isSecret(name, blueprint.variables) ? withInner(value) : passwordOf(value);
    })
    .flatMap((value) => [value, encodeURIComponent(value), encode(value), inSql(value), inJson(value)])
    // a secret that is a common word would blot out half of the text, and give itself away by that
    .filter((value) => value.length >= 6)
    .sort((a, b) => b.length - a.length);
  return (text) => secrets.reduce((clean, secret) => clean.split(secret).join('***'), text);
}

function inSql(value: string): string {
  return value.replace(/'/g, "''");
}

function inJson(value: string): string {
  return JSON.stringify(value).slice(1, -1);
}

/** A secret and the ones in it: the password of a URL, the token in the JSON of a secrets backend, each of several Fernet keys. */
function withInner(value: string): string[] {
  return [value, ...passwordOf(value), ...tokensOf(value), ...(value.match(FERNET_KEYS) ?? [])];
}

function passwordOf(value: string): string[] {
  try {
    return [parseUrl(value).password ?? ''];
  } catch {
    return [];
  }
}

function tokensOf(value: string): string[] {
  try {
    const entries = Object.entries(JSON.parse(value) as Record<string, unknown>);
    return entries
      .filter(([key]) => /secret|token|password|key/i.test(key))
      .map(([, inner]) => String(inner));
  } catch {
    return [];
  }
}

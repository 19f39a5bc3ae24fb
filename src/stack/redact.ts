import type { Blueprint } from '../catalog/resolve.js';
import type { EnvFile } from '../project/dotenv.js';

/** Replaces every secret of `.env` in a text that others wrote, such as a log line, plain or percent-encoded. */
export function redactor(blueprint: Blueprint, env: EnvFile): (text: string) => string {
  const secrets = blueprint.variables
    .filter((variable) => variable.secret)
    .flatMap((variable) => {
      const value = env.get(variable.name) ?? '';
      return [value, encodeURIComponent(value)];
    })
    // a secret that is a common word would blot out half of the text, and give itself away by that
    .filter((value) => value.length >= 6)
    .sort((a, b) => b.length - a.length);
  return (text) => secrets.reduce((clean, secret) => clean.split(secret).join('***'), text);
}

import { join } from 'node:path';
import { type Ecosystem, readIf, secretText } from './host.js';

/** Where packages come from and who may have them; the rest of an .npmrc is about the machine (`prefix`, `cafile`, `cache`). */
const WANTED =
  /^(registry|@[^:]+:registry|\/\/.+:(_authToken|_auth|username|_password)|proxy|https-proxy|noproxy|strict-ssl)$/;

/** `npmrc`: registries, logins and proxies of npm, from its files and the environment, as npm itself ranks them. */
export const npm: Ecosystem = ({ env, home, etc, usr }) => {
  const settings = new Map<string, string>();
  const named = (name: string) => env[`NPM_CONFIG_${name}`] || env[`npm_config_${name.toLowerCase()}`];
  const global = named('GLOBALCONFIG') || join(usr, 'etc/npmrc');
  for (const file of [join(etc, 'npmrc'), global, named('USERCONFIG') || join(home, '.npmrc')])
    for (const [, key = '', value = ''] of readIf(file).matchAll(/^\s*([^#;=\s][^=]*?)\s*=\s*(.*?)\s*$/gm))
      settings.set(key, withVariables(value.replace(/^"(.*)"$/, '$1'), env));
  for (const [name, value] of Object.entries(env)) {
    const key = /^npm_config_(.+)$/i.exec(name)?.[1];
    // npm_config_https_proxy is https-proxy; what begins with // or @ is taken as it is
    if (key && value) settings.set(/^(\/\/|@)/.test(key) ? key : key.toLowerCase().replace(/_/g, '-'), value);
  }
  const lines = [...settings].filter(([key]) => WANTED.test(key)).map(([key, value]) => `${key}=${value}\n`);
  return secretText('npmrc', lines.join(''));
};

/** `${NAME}` is npm's way to keep a token out of the file; the build does not have the variable. */
function withVariables(value: string, env: NodeJS.ProcessEnv): string {
  return value.replace(/\$\{([^}?]+)\??\}/g, (written, name: string) => env[name] ?? written);
}

import { join } from 'node:path';
import { type Ecosystem, exportLines, readIf, secretText } from './host.js';

const INDEX_VARIABLES =
  /^(PIP_(INDEX_URL|EXTRA_INDEX_URL|TRUSTED_HOST|NO_INDEX)|UV_(INDEX_URL|DEFAULT_INDEX|INDEX|EXTRA_INDEX_URL|INSECURE_HOST|INDEX_STRATEGY|INDEX_[A-Z0-9_]+_(USERNAME|PASSWORD))|UV_HTTP_TIMEOUT)$/;

/** `python-env`: where pip and uv get packages, from the environment, else from pip's own files. */
export const python: Ecosystem = ({ env, home, etc }) => {
  const settings = new Map<string, string>();
  for (const file of [
    join(etc, 'pip.conf'),
    join(home, '.config/pip/pip.conf'),
    join(home, '.pip/pip.conf'),
    env.PIP_CONFIG_FILE ?? '',
  ])
    for (const [key, value] of pipFile(file)) settings.set(key, value);
  for (const [name, value] of Object.entries(env))
    if (value && INDEX_VARIABLES.test(name)) settings.set(name, value);
  // uv reads names of its own
  const index = settings.get('PIP_INDEX_URL');
  if (index && !settings.has('UV_INDEX_URL') && !settings.has('UV_DEFAULT_INDEX'))
    settings.set('UV_DEFAULT_INDEX', index);
  const extra = settings.get('PIP_EXTRA_INDEX_URL');
  if (extra && !settings.has('UV_EXTRA_INDEX_URL') && !settings.has('UV_INDEX'))
    settings.set('UV_INDEX', extra);
  return secretText('python-env', exportLines(settings));
};

function pipFile(file: string): [string, string][] {
  const wanted = readIf(file).matchAll(/^\s*(index-url|extra-index-url|trusted-host)\s*[=:]\s*(\S.*?)\s*$/gm);
  return [...wanted].map(([, key = '', value = '']) => [
    `PIP_${key.toUpperCase().replace(/-/g, '_')}`,
    value,
  ]);
}

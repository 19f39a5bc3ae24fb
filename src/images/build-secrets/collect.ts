import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { apt } from './apt.js';
import { ca } from './ca.js';
import { go } from './go.js';
import { type Ecosystem, type Host, thisMachine } from './host.js';
import { maven } from './maven.js';
import { netrc } from './netrc.js';
import { npm } from './npm.js';
import { python } from './python.js';

/** Each with the ids of its secrets, which a Dockerfile mounts (`compose/README.md`). */
export const ECOSYSTEMS: { ids: string[]; collect: Ecosystem }[] = [
  { ids: ['ca'], collect: ca },
  { ids: ['netrc'], collect: netrc },
  { ids: ['apt-sources', 'apt-conf'], collect: apt },
  { ids: ['python-env'], collect: python },
  { ids: ['go-env'], collect: go },
  { ids: ['maven'], collect: maven },
  { ids: ['npmrc'], collect: npm },
];

/** BuildKit passes these on without keeping them in the image: https://docs.docker.com/build/building/variables/ */
const PROXY_VARIABLES = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'ALL_PROXY'].flatMap((name) => [
  name,
  name.toLowerCase(),
]);

/**
 * What a build on this machine needs to get out into the world: its authorities, logins, mirrors and proxies. Returns the
 * arguments for BuildKit, in which no value stands; the values are in files of the machine, or in new ones in `folder`.
 */
export async function collectSecrets(folder: string, host: Host = thisMachine()): Promise<string[]> {
  mkdirSync(folder, { mode: 0o700 });
  const found = await Promise.all(ECOSYSTEMS.map(({ collect }) => collect(host)));
  const secrets = found.flat().map((secret) => {
    if ('file' in secret) return ['--secret', `id=${secret.id},src=${secret.file}`];
    const file = join(folder, secret.id);
    writeFileSync(file, secret.text, { mode: 0o600 });
    return ['--secret', `id=${secret.id},src=${file}`];
  });
  // without a value, docker takes it from the environment
  const proxies = PROXY_VARIABLES.filter((name) => host.env[name]).map((name) => ['--build-arg', name]);
  return [...secrets, ...proxies].flat();
}

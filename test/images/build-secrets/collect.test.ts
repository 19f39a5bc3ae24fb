import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { collectSecrets, ECOSYSTEMS } from '../../../src/images/build-secrets/collect.js';
import { OWN } from '../../catalog/play-catalog.js';
import { playHost } from './play-host.js';

test('no value stands in the arguments, and only we may read the files', async () => {
  const host = playHost(
    {
      'home/.m2/settings.xml':
        '<settings><mirrors><mirror><id>m</id><mirrorOf>*</mirrorOf><url>http://me:m4ven@m</url></mirror></mirrors></settings>',
      'home/.npmrc': '//npm.example/:_authToken=t0ken\n',
    },
    {
      PIP_INDEX_URL: 'https://me:s3cret@index/simple',
      GOPROXY: 'https://me:g0@modules',
      HTTPS_PROXY: 'http://me:pr0xy@p',
      GATHER_APT_MIRROR: 'http://me:m1rror@mirror/debian',
    },
  );
  const folder = join(host.folder, 'secrets');
  const args = await collectSecrets(folder, host);
  const written = ['apt-sources', 'go-env', 'maven', 'npmrc', 'python-env'];
  expect(args).toEqual([
    ...['apt-sources', 'python-env', 'go-env', 'maven', 'npmrc'].flatMap((id) => [
      '--secret',
      `id=${id},src=${join(folder, id)}`,
    ]),
    '--build-arg',
    'HTTPS_PROXY',
  ]);
  expect(readdirSync(folder).sort()).toEqual(written);
  for (const id of written) expect(statSync(join(folder, id)).mode & 0o777, id).toBe(0o600);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  const said = written.map((id) => readFileSync(join(folder, id), 'utf8')).join('');
  for (const value of ['s3cret', 'g0', 'm1rror', 'm4ven', 't0ken']) expect(said).toContain(value);
});

test('a machine without settings of its own hands in none', async () => {
  const host = playHost();
  expect(await collectSecrets(join(host.folder, 'secrets'), host)).toEqual([]);
});

const ids = ECOSYSTEMS.flatMap((one) => one.ids);
const files = readdirSync(OWN, { recursive: true, encoding: 'utf8' });

test("every secret that gather's images mount is one of the table, which README.md explains", () => {
  const dockerfiles = files.filter((file) => file.endsWith('Dockerfile'));
  const mounted = dockerfiles.flatMap((file) =>
    [...readFileSync(join(OWN, file), 'utf8').matchAll(/type=secret,id=([\w-]+)/g)].map(([, id = '']) => id),
  );
  expect(mounted.length).toBeGreaterThan(10);
  expect([...new Set(mounted)].filter((id) => !ids.includes(id))).toEqual([]);
  const readme = readFileSync(join(OWN, 'README.md'), 'utf8');
  const explained = [...readme.matchAll(/^\| ([\w-]+) \| /gm)].map(([, id]) => id);
  expect(ids.filter((id) => !explained.includes(id))).toEqual([]);
});

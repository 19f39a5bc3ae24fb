import { join } from 'node:path';
import { expect, test } from 'vitest';
import { npm } from '../../../src/images/build-secrets/npm.js';
import { playHost, secretsOf } from './play-host.js';

test("a build has npm's registries and logins, and nothing that is about this machine", async () => {
  const host = playHost(
    {
      'etc/npmrc': 'registry=https://one.example/\nprefix=/usr\n',
      'usr/etc/npmrc': 'registry=https://two.example/\ncafile=/etc/ssl/cert.pem\n',
      'home/.npmrc': [
        '; ours',
        'cache = /tmp/x',
        '@corp:registry = "https://corp.example/npm/"',
        '//corp.example/npm/:_authToken=${NPM_TOKEN}',
        '//corp.example/npm/:username=${UNSET}',
        'script-shell=/bin/zsh',
      ].join('\n'),
    },
    { NPM_TOKEN: 't=0ken', npm_config_https_proxy: 'http://proxy:3128', npm_config_user_agent: 'npm/9' },
  );
  expect(await secretsOf(npm, host)).toEqual({
    npmrc: [
      'registry=https://two.example/',
      '@corp:registry=https://corp.example/npm/',
      '//corp.example/npm/:_authToken=t=0ken',
      '//corp.example/npm/:username=${UNSET}',
      'https-proxy=http://proxy:3128',
      '',
    ].join('\n'),
  });
});

test('another file may be named, and the environment counts before all of them', async () => {
  const host = playHost({
    'own.npmrc': 'registry=https://own.example/\n',
    'home/.npmrc': 'registry=https://a/\n',
  });
  host.env.NPM_CONFIG_USERCONFIG = join(host.folder, 'own.npmrc');
  expect(await secretsOf(npm, host)).toEqual({ npmrc: 'registry=https://own.example/\n' });
  host.env.NPM_CONFIG_REGISTRY = 'https://env.example/';
  expect(await secretsOf(npm, host)).toEqual({ npmrc: 'registry=https://env.example/\n' });
});

test('without settings there is none', async () => {
  expect(await secretsOf(npm, playHost({ 'home/.npmrc': 'fund=false\n' }))).toEqual({});
});

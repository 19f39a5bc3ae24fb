import { join } from 'node:path';
import { expect, test } from 'vitest';
import { go } from '../../../src/images/build-secrets/go.js';
import { python } from '../../../src/images/build-secrets/python.js';
import { playHost, secretsOf } from './play-host.js';

test('Go gets its modules as on this machine: the environment counts before the file of go env -w', async () => {
  const host = playHost({
    'home/.config/go/env': 'GOPROXY=https://me:s3cret@modules,direct\nGOFLAGS=-v\nGOTOOLCHAIN=local\n',
  });
  expect(await secretsOf(go, host)).toEqual({
    'go-env': "export GOPROXY='https://me:s3cret@modules,direct'\nexport GOFLAGS='-v'\n",
  });
  Object.assign(host.env, { GOFLAGS: "-mod='mod'", GONOSUMDB: 'mine' });
  expect(await secretsOf(go, host)).toEqual({
    'go-env':
      "export GOPROXY='https://me:s3cret@modules,direct'\nexport GONOSUMDB='mine'\nexport GOFLAGS='-mod='\\''mod'\\'''\n",
  });
  expect(await secretsOf(go, playHost())).toEqual({});
});

test("pip's files count from the machine's to the person's, and the environment before them", async () => {
  const host = playHost({
    'etc/pip.conf': '[global]\nindex-url = https://one/simple\ntrusted-host: one\ntimeout = 5\n',
    'home/.config/pip/pip.conf': '[global]\nindex-url = https://two/simple\n',
    'own.conf': '[global]\nextra-index-url = https://three/simple\n',
  });
  host.env.PIP_CONFIG_FILE = join(host.folder, 'own.conf');
  const lines = async () => (await secretsOf(python, host))['python-env']?.trim().split('\n').sort();
  expect(await lines()).toEqual([
    "export PIP_EXTRA_INDEX_URL='https://three/simple'",
    "export PIP_INDEX_URL='https://two/simple'",
    "export PIP_TRUSTED_HOST='one'",
    "export UV_DEFAULT_INDEX='https://two/simple'",
    "export UV_INDEX='https://three/simple'",
  ]);
  Object.assign(host.env, {
    PIP_INDEX_URL: 'https://four/simple',
    UV_INDEX_MINE_PASSWORD: 'p',
    UV_CACHE_DIR: '/x',
  });
  expect(await lines()).toEqual([
    "export PIP_EXTRA_INDEX_URL='https://three/simple'",
    "export PIP_INDEX_URL='https://four/simple'",
    "export PIP_TRUSTED_HOST='one'",
    "export UV_DEFAULT_INDEX='https://four/simple'",
    "export UV_INDEX='https://three/simple'",
    "export UV_INDEX_MINE_PASSWORD='p'",
  ]);
});

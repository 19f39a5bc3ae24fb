import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { aptSettings, collectSecrets } from '../../src/images/build-secrets.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gather-secrets-test-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

test('no value stands in the arguments, and only we may read the files', async () => {
  vi.stubEnv('GATHER_APT_MIRROR', 'http://me:m1rror@mirror/debian');
  const env = {
    PIP_INDEX_URL: 'https://me:s3cret@index/simple',
    NETRC: folder,
    HTTPS_PROXY: 'http://me:pr0xy@p',
  };
  const args = await collectSecrets(join(folder, 'secrets'), env);
  expect(args.join(' ')).not.toMatch(/s3cret|m1rror|pr0xy/);
  // a NETRC that is no file would fail the build
  expect(args.join(' ')).not.toContain('id=netrc');
  const file = join(folder, 'secrets/python-env');
  expect(readFileSync(file, 'utf8')).toContain("export UV_DEFAULT_INDEX='https://me:s3cret@index/simple'");
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(statSync(join(folder, 'secrets')).mode & 0o777).toBe(0o700);
  expect(readFileSync(join(folder, 'secrets/apt-sources'), 'utf8')).toContain(
    'deb http://me:m1rror@mirror/debian bookworm main',
  );
});

test('Go gets its modules in a build as on this machine: the environment counts before the file of go env -w', async () => {
  mkdirSync(join(folder, '.config/go'), { recursive: true });
  const file = join(folder, '.config/go/env');
  writeFileSync(file, 'GOPROXY=https://me:s3cret@modules,direct\nGOFLAGS=-v\nGOTOOLCHAIN=local\n');
  const written = async (env: Record<string, string>) => {
    const secrets = join(folder, `secrets-${Object.keys(env).length}`);
    const args = await collectSecrets(secrets, { HOME: folder, ...env });
    expect(args.join(' ')).not.toContain('s3cret');
    return readFileSync(join(secrets, 'go-env'), 'utf8');
  };
  expect(await written({})).toBe("export GOPROXY='https://me:s3cret@modules,direct'\nexport GOFLAGS='-v'\n");
  expect(await written({ GOFLAGS: "-mod='mod'", GONOSUMDB: 'mine' })).toBe(
    "export GOPROXY='https://me:s3cret@modules,direct'\nexport GONOSUMDB='mine'\nexport GOFLAGS='-mod='\\''mod'\\'''\n",
  );
  const none = await collectSecrets(join(folder, 'none'), { HOME: join(folder, 'nobody') });
  expect(none.join(' ')).not.toContain('go-env');
});

test("apt's settings are read past folders, dangling links and what is not there", () => {
  expect(aptSettings(join(folder, 'none'))).toBe('');
  mkdirSync(join(folder, 'apt.conf.d/20folder'), { recursive: true });
  symlinkSync(join(folder, 'gone'), join(folder, 'apt.conf.d/10dangling'));
  writeFileSync(
    join(folder, 'apt.conf.d/99proxy'),
    'Acquire::http::Proxy "http://proxy:3128";\nAPT::Color "0";\n',
  );
  expect(aptSettings(folder)).toBe('Acquire::http::Proxy "http://proxy:3128";\n');
});

import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { apt, hostMirror } from '../../../src/images/build-secrets/apt.js';
import { ca } from '../../../src/images/build-secrets/ca.js';
import { netrc } from '../../../src/images/build-secrets/netrc.js';
import { playHost, secretsOf } from './play-host.js';

describe('the authorities', () => {
  test("are those of the environment, else the machine's", async () => {
    const host = playHost({ 'etc/pki/tls/certs/ca-bundle.crt': 'machine', 'own.pem': 'own' });
    expect(await secretsOf(ca, host)).toEqual({ ca: 'machine' });
    host.env.CURL_CA_BUNDLE = join(host.folder, 'own.pem');
    host.env.SSL_CERT_FILE = join(host.folder, 'gone.pem');
    expect(await secretsOf(ca, host)).toEqual({ ca: 'own' });
  });
});

describe('logins', () => {
  test('are those of .netrc, or of NETRC, when it is a file: BuildKit would fail on another', async () => {
    const host = playHost({ 'home/.netrc': 'machine a' });
    expect(await secretsOf(netrc, host)).toEqual({ netrc: 'machine a' });
    host.env.NETRC = host.folder;
    expect(await secretsOf(netrc, host)).toEqual({});
  });
});

describe('apt', () => {
  test("takes Debian 12 from the machine's mirror, unless that is Debian's own", async () => {
    const host = playHost();
    const sources = async (mirror: string) =>
      (await secretsOf(apt, { ...host, debianMirror: async () => mirror }))['apt-sources'];
    expect(await sources('http://mirror.example/debian')).toBe(
      'deb http://mirror.example/debian bookworm main\ndeb http://mirror.example/debian bookworm-updates main\n',
    );
    expect(await sources('http://deb.debian.org/debian')).toBeUndefined();
  });

  test('GATHER_APT_MIRROR counts before it, and apt is not asked then', async () => {
    const host = playHost({}, { GATHER_APT_MIRROR: 'http://mine.example/debian' });
    const debianMirror = async () => expect.fail('apt was asked');
    expect(await hostMirror({ ...host, debianMirror })).toBe('http://mine.example/debian');
  });

  test("has the machine's proxies, past folders, dangling links and what is not there", async () => {
    expect(await secretsOf(apt, playHost())).toEqual({});
    const host = playHost({
      'etc/apt/apt.conf.d/99proxy': 'Acquire::http::Proxy "http://proxy:3128";\nAPT::Color "0";\n',
    });
    mkdirSync(join(host.etc, 'apt/apt.conf.d/20folder'));
    symlinkSync(join(host.folder, 'gone'), join(host.etc, 'apt/apt.conf.d/10dangling'));
    expect(await secretsOf(apt, host)).toEqual({ 'apt-conf': 'Acquire::http::Proxy "http://proxy:3128";\n' });
  });
});

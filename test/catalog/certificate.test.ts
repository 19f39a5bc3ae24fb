import { createPrivateKey, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  certificateOf,
  newAuthority,
  newServerCertificate,
  purposeOf,
  unpacked,
} from '../../src/catalog/certificate.js';

const NAMES = ['trino', 'localhost', '127.0.0.1', '::1', 'fe80::1:2', '::ffff:192.0.2.1'];
const authority = newAuthority();
const server = newServerCertificate(authority, NAMES);
const [own = '', issuer = ''] =
  unpacked(server).match(/-----BEGIN CERTIFICATE[\s\S]*?END CERTIFICATE-----/g) ?? [];

describe('an authority', () => {
  const certificate = new X509Certificate(unpacked(certificateOf(authority)));

  test('signs itself, and is one', () => {
    expect(certificate.ca).toBe(true);
    expect(certificate.checkIssued(certificate)).toBe(true);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.checkPrivateKey(createPrivateKey(unpacked(authority)))).toBe(true);
  });

  test('gives its certificate without its key', () => {
    expect(unpacked(certificateOf(authority))).not.toContain('PRIVATE');
    expect(unpacked(server)).not.toContain(
      createPrivateKey(unpacked(authority)).export({ type: 'pkcs8', format: 'pem' }),
    );
  });

  test('is one that can be read, however its numbers fall', () => {
    for (let i = 0; i < 600; i++) certificateOf(newAuthority());
  });

  test('is another one each time', () => {
    expect(newAuthority()).not.toBe(authority);
  });
});

describe('the certificate of a server', () => {
  const certificate = new X509Certificate(own);

  test('is for its names and no other', () => {
    expect(certificate.ca).toBe(false);
    expect(certificate.checkHost('trino')).toBe('trino');
    expect(certificate.checkHost('other')).toBeUndefined();
    for (const address of NAMES.slice(2))
      expect([address, certificate.checkIP(address)]).not.toContain(undefined);
    expect(certificate.checkIP('127.0.0.2')).toBeUndefined();
  });

  test('holds for ten years from yesterday', () => {
    expect(Date.parse(certificate.validFrom)).toBeLessThan(Date.now());
    expect(new Date(certificate.validTo).getFullYear()).toBe(new Date().getFullYear() + 10);
  });

  test.each([
    ['who trusts the authority', issuer, 'trino', undefined],
    [
      'who knows another one',
      unpacked(certificateOf(newAuthority())),
      'trino',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    ],
    ['who calls it otherwise', issuer, 'other', 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ])('in a handshake with %s', async (_, ca, servername, code) => {
    const listening = createServer({ key: unpacked(server), cert: own }).listen(0, '127.0.0.1');
    onTestFinished(() => void listening.close());
    await once(listening, 'listening');
    const { port } = listening.address() as AddressInfo;
    const socket = connect({ port, host: '127.0.0.1', ca, servername });
    const outcome = await new Promise((resolve) => {
      socket.once('secureConnect', () => resolve(undefined));
      socket.once('error', ({ code: found }: NodeJS.ErrnoException) => resolve(found));
    });
    socket.destroy();
    expect(outcome).toBe(code);
  });
});

test('two are for the same when authority and names are', () => {
  const purpose = (...names: string[]) => purposeOf(newServerCertificate(authority, names));
  expect(purpose('a', 'b')).toEqual(purpose('a', 'b'));
  expect(purpose('a', 'b')).not.toEqual(purpose('a'));
  expect(purpose('a')).not.toEqual(purposeOf(newServerCertificate(newAuthority(), ['a'])));
});

import {
  createHash,
  createPrivateKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  X509Certificate,
} from 'node:crypto';
import { isIP } from 'node:net';
import * as der from './der.js';

const YEARS = 10;
const ID = {
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  commonName: '2.5.4.3',
  subjectKey: '2.5.29.14',
  keyUsage: '2.5.29.15',
  alternativeNames: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKey: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  serverAuthentication: '1.3.6.1.5.5.7.3.1',
};
const SIGNS_CERTIFICATES = Buffer.from([0x06]);
const SIGNS_HANDSHAKES = Buffer.from([0x80]);
const PEM = /-----BEGIN ([A-Z ]+)-----[\s\S]*?-----END \1-----/g;

/** One who issues certificates: its key and its own certificate. */
interface Authority {
  key: KeyObject;
  certificate: X509Certificate;
}

/**
 * A certificate authority as `.env` holds it: PEM of the key and the certificate, in base64, as a value has one line. It issues for
 * servers only, and no further authorities.
 */
export function newAuthority(): string {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = `gather local authority ${randomBytes(4).toString('hex')}`;
  const certificate = issue(name, publicKey, { name, key: privateKey, publicKey }, [
    extension(ID.basicConstraints, der.sequence(der.yes(), der.integer(Buffer.from([0]))), true),
    extension(ID.keyUsage, der.bits(SIGNS_CERTIFICATES, 1), true),
  ]);
  return packed(pemOf(privateKey), certificate);
}

/** The certificate of an authority alone, in the same form. */
export function certificateOf(authority: string): string {
  return packed(read(authority).certificate.toString());
}

/**
 * A key and a certificate for a server, with the authority's behind it, in the same form.
 * @param names DNS names and addresses by which it is called
 */
export function newServerCertificate(authority: string, names: string[]): string {
  const { key, certificate } = read(authority);
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const issuer = { name: nameOf(certificate), key, publicKey: certificate.publicKey };
  const own = issue(names[0] ?? '', publicKey, issuer, [
    extension(ID.basicConstraints, der.sequence(), true),
    extension(ID.keyUsage, der.bits(SIGNS_HANDSHAKES, 7), true),
    extension(ID.extendedKeyUsage, der.sequence(der.oid(ID.serverAuthentication))),
    extension(ID.alternativeNames, der.sequence(...[...new Set(names)].map(alternativeName))),
  ]);
  return packed(pemOf(privateKey), own, certificate.toString());
}

/** What makes two of them good for the same: by whom they were issued, and for which names. */
export function purposeOf(value: string): unknown[] {
  const certificates = blocksOf(unpacked(value), 'CERTIFICATE').map((pem) => new X509Certificate(pem));
  return [certificates.at(-1)?.fingerprint256, certificates[0]?.subjectAltName];
}

/** As PEM. */
export function unpacked(value: string): string {
  return Buffer.from(value, 'base64').toString('latin1');
}

function packed(...pems: string[]): string {
  return Buffer.from(pems.map((pem) => `${pem.trim()}\n`).join('')).toString('base64');
}

function read(authority: string): Authority {
  const pem = unpacked(authority);
  return {
    key: createPrivateKey(pem),
    certificate: new X509Certificate(blocksOf(pem, 'CERTIFICATE')[0] ?? ''),
  };
}

function blocksOf(pem: string, label: string): string[] {
  return [...pem.matchAll(PEM)].filter(([, found]) => found === label).map(([block]) => block);
}

function pemOf(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

function nameOf({ subject }: X509Certificate): string {
  return subject.replace(/^CN=/, '');
}

/** https://www.rfc-editor.org/rfc/rfc5280#section-4.1 */
function issue(
  name: string,
  publicKey: KeyObject,
  issuer: { name: string; key: KeyObject; publicKey: KeyObject },
  extensions: Buffer[],
): string {
  const [from, until] = [new Date(Date.now() - 86_400_000), new Date()];
  until.setFullYear(until.getFullYear() + YEARS);
  const algorithm = der.sequence(der.oid(ID.ecdsaWithSha256));
  const told = der.sequence(
    der.tagged(0xa0, der.integer(Buffer.from([2]))),
    // (with the second bit set it is as short as DER wants a number to be)
    der.integer(Buffer.from([0x40, ...randomBytes(15)])),
    algorithm,
    distinguishedName(issuer.name),
    der.sequence(der.time(from), der.time(until)),
    distinguishedName(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    der.tagged(
      0xa3,
      der.sequence(
        ...extensions,
        extension(ID.subjectKey, der.octets(digestOf(publicKey))),
        extension(ID.authorityKey, der.sequence(der.tagged(0x80, digestOf(issuer.publicKey)))),
      ),
    ),
  );
  const signed = der.sequence(told, algorithm, der.bits(sign('sha256', told, issuer.key)));
  return new X509Certificate(signed).toString();
}

function distinguishedName(name: string): Buffer {
  return der.sequence(der.set(der.sequence(der.oid(ID.commonName), der.text(name))));
}

function extension(id: string, value: Buffer, isCritical = false): Buffer {
  return der.sequence(der.oid(id), ...(isCritical ? [der.yes()] : []), der.octets(value));
}

function alternativeName(name: string): Buffer {
  return isIP(name) ? der.tagged(0x87, addressBytes(name)) : der.tagged(0x82, Buffer.from(name));
}

function addressBytes(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split('.').map(Number));
  // (a URL writes what `::` leaves out as such, and an IPv4 part in hexadecimal)
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const groups = (part: string) => part.split(':').filter(Boolean);
  const [left, right] = [groups(head), groups(tail ?? '')];
  const zeros = Array<string>(8 - left.length - right.length).fill('0');
  return Buffer.from([...left, ...zeros, ...right].map((group) => group.padStart(4, '0')).join(''), 'hex');
}

/** Which key it is: https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.2, the first way. */
function digestOf(publicKey: KeyObject): Buffer {
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
  const point = Buffer.concat([Buffer.from([4]), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
  return createHash('sha1').update(point).digest();
}

/**
 * ASN.1 in DER (ITU-T X.690), as far as a certificate needs it: each function gives the bytes of one value. Not by a library, since values
 * are derived without waiting, and @peculiar/asn1-x509 2.11.1 would take each command 30 ms to load.
 */

export const sequence = (...items: Buffer[]) => tagged(0x30, ...items);
export const set = (...items: Buffer[]) => tagged(0x31, ...items);
export const octets = (bytes: Buffer) => tagged(0x04, bytes);
/** @param unused how many bits at its end do not count */
export const bits = (bytes: Buffer, unused = 0) => tagged(0x03, Buffer.from([unused]), bytes);
export const text = (value: string) => tagged(0x0c, Buffer.from(value));
export const yes = () => tagged(0x01, Buffer.from([0xff]));
/** Until 2049. */
export const time = (at: Date) =>
  tagged(
    0x17,
    Buffer.from(
      `${at
        .toISOString()
        .replace(/[-:T]|\.\d+/g, '')
        .slice(2)}`,
    ),
  );

/** A number of any size that is not negative, most significant byte first. */
export function integer(bytes: Buffer): Buffer {
  return tagged(0x02, ...((bytes[0] ?? 0) & 0x80 ? [Buffer.from([0])] : []), bytes);
}

/** An object identifier such as 2.5.29.17. */
export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return tagged(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(number: number): number[] {
  const low = [number & 0x7f];
  for (let left = number >> 7; left > 0; left >>= 7) low.unshift((left & 0x7f) | 0x80);
  return low;
}

/** A value under a tag of its own, such as [0] of a certificate, which is 0xa0. */
export function tagged(tag: number, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([tag, ...lengthOf(body.length)]), body]);
}

function lengthOf(length: number): number[] {
  if (length < 0x80) return [length];
  const bytes = length < 0x100 ? [length] : [length >> 8, length & 0xff];
  return [0x80 | bytes.length, ...bytes];
}

import { endianness } from 'node:os';
import { textOrNone } from './read-file.js';

/** A TCP socket of this machine that is listened on. */
export interface ListeningSocket {
  /** `127.0.0.1`, `::` for all addresses of IPv6 and mostly of IPv4, too. */
  address: string;
  port: number;
  /** Its inode: processes that have it open show `socket:[inode]` under /proc/PID/fd. */
  inode: string;
}

/** Every TCP socket that is listened on, IPv4 and IPv6; none where there is no /proc. */
export function listeningSockets(): ListeningSocket[] {
  return ['/proc/net/tcp', '/proc/net/tcp6']
    .flatMap((file) => textOrNone(file).split('\n'))
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , , state]) => state === LISTEN)
    .map((fields) => {
      const [address = '', port = ''] = fields[1]?.split(':') ?? [];
      return { address: readAddress(address), port: Number.parseInt(port, 16), inode: fields[9] ?? '' };
    });
}

/** Words of 32 bits, each as the processor has it in memory: `0100007F` is 127.0.0.1. */
function readAddress(hex: string): string {
  const words = hex.match(/.{8}/g) ?? [];
  const bytes = words.flatMap((word) => {
    const inMemory = (word.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16));
    return endianness() === 'LE' ? inMemory.reverse() : inMemory;
  });
  if (bytes.length === 4) return bytes.join('.');
  // one of IPv4 in the clothes of IPv6, as Java makes it
  if (bytes.slice(0, 12).join() === '0,0,0,0,0,0,0,0,0,0,255,255') return bytes.slice(12).join('.');
  const groups = Array.from({ length: 8 }, (_, i) =>
    ((bytes[2 * i] ?? 0) * 256 + (bytes[2 * i + 1] ?? 0)).toString(16),
  );
  // (a URL has the short form of an address)
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}

/** proc(5): the fourth field of a line is the state, the second address:port in hexadecimal, the tenth the inode. */
const LISTEN = '0A';

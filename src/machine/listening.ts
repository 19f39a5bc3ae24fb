import { textOrNone } from './read-file.js';

/** A TCP socket of this machine that is listened on. */
export interface ListeningSocket {
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
    .map((fields) => ({
      port: Number.parseInt(fields[1]?.split(':')[1] ?? '', 16),
      inode: fields[9] ?? '',
    }));
}

/** proc(5): the fourth field of a line is the state, the second address:port in hexadecimal, the tenth the inode. */
const LISTEN = '0A';

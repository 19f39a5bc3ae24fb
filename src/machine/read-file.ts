import { readFileSync } from 'node:fs';

/** The text of a file of this machine; empty when it is missing, a folder, or not for our eyes. */
export function textOrNone(file: string): string {
  return bytesOrNone(file).toString('utf8');
}

/** The same, as it is. */
export function bytesOrNone(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch {
    return Buffer.alloc(0);
  }
}

import { randomBytes, randomInt } from 'node:crypto';
import { newAuthority } from './certificate.js';
import type { Generator } from './model/words.js';

const LETTERS = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789';

/** A fresh secret from the machine's CSPRNG. */
export function generate(kind: Generator): string {
  switch (kind) {
    // Fernet: 128 bits for signing and 128 for AES, URL-safe base64 with padding (cryptography.io, "Fernet")
    case 'fernet-key':
      return randomBytes(32).toString('base64').replace(/\+/g, '-').replace(/\//g, '_');
    case 'authority':
      return newAuthority();
    case 'token':
      return randomBytes(32).toString('hex');
    // 24 letters out of 56: 139 bits, and none that anybody mixes up or has to escape
    case 'password':
      return Array.from({ length: 24 }, () => LETTERS[randomInt(LETTERS.length)]).join('');
  }
}

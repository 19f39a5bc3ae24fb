/** Blots out user and password of every URL in a text: `https://me:s3cret@index/simple` → `https://***@index/simple`. */
export function withoutPasswords(text: string): string {
  // up to the last @ before the path: a password may hold one that nobody encoded
  return text.replace(/(\w:\/\/)[^\s/]+@/g, '$1***@');
}

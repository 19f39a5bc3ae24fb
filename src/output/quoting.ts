/** A text as one word of a POSIX shell (bash and zsh, too): nothing but the quote has a meaning between two of them. */
export function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** A text between single quotes where a backslash stands before a quote and before itself: fish, nginx. */
export function backslashQuoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}

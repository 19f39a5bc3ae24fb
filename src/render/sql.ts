import { GatherError } from '../output/errors.js';

/** PostgreSQL cuts a longer name off without an error: NAMEDATALEN is 64, with the closing NUL. */
const IDENTIFIER_BYTES = 63;

/**
 * A text as a PostgreSQL string constant. With `standard_conforming_strings` on (the default since 9.1; init.sql turns
 * it on) only the quote has a meaning inside: backslashes, `$$` and psql's `:name` stand for themselves.
 *
 * @throws GatherError `VARIABLE_INVALID` for a NUL or half of a surrogate pair, which no PostgreSQL text can hold.
 */
export function literal(value: string): string {
  refuseUnstorable(value, 'A text for PostgreSQL');
  return `'${value.replaceAll("'", "''")}'`;
}

/**
 * A name (of a role, a database, a schema) as a quoted PostgreSQL identifier, which keeps case and every character.
 *
 * @throws GatherError `VARIABLE_INVALID` when it is empty, longer than 63 bytes of UTF-8, or holds a NUL.
 */
export function identifier(name: string): string {
  refuseUnstorable(name, 'A name for PostgreSQL');
  if (name === '') throw new GatherError('VARIABLE_INVALID', 'A name for PostgreSQL cannot be empty.');
  const bytes = Buffer.byteLength(name, 'utf8');
  if (bytes > IDENTIFIER_BYTES) {
    throw new GatherError(
      'VARIABLE_INVALID',
      `The name "${name}" has ${bytes} bytes, and PostgreSQL takes up to ${IDENTIFIER_BYTES}.`,
    );
  }
  return `"${name.replaceAll('"', '""')}"`;
}

// The value is not shown: it may be a password.
function refuseUnstorable(value: string, what: string): void {
  if (!/\0|\p{Surrogate}/u.test(value)) return;
  throw new GatherError('VARIABLE_INVALID', `${what} holds a NUL or a broken character.`);
}

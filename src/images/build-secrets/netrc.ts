import { join } from 'node:path';
import { type Ecosystem, isReadable } from './host.js';

/** `netrc`: logins, which pip, uv, Go, git and curl all read. */
export const netrc: Ecosystem = ({ env, home }) => {
  const file = env.NETRC ?? join(home, '.netrc');
  return isReadable(file) ? [{ id: 'netrc', file }] : [];
};

import { callable } from '../../catalog/bind.js';
import { unpacked } from '../../catalog/certificate.js';
import { lookupOf } from '../../catalog/lookup.js';
import { GatherError } from '../../output/errors.js';
import { interpolate } from '../../project/interpolate.js';
import type { OpenProject } from '../open.js';

/** How gather logs in: with a token by client credentials, over TLS. */
export interface SqlLogin {
  /** Where there is a token. */
  token: string;
  client: string;
  secret: string;
  /** PEM of who has issued the server's certificate. */
  authority: string;
}

/** Where this machine reaches the SQL server of a stack, and as whom. */
export interface SqlServer {
  /** Without a slash at its end. */
  address: string;
  user: string;
  /** Where a table is looked for whose name has no catalog. */
  catalog: string | undefined;
  /** argv of its own command line. */
  command: string[];
  login?: SqlLogin | undefined;
}

/** The server that a component declares under `sql:`. Throws USAGE for a stack without one. */
export function sqlServerOf({ blueprint, project }: OpenProject): SqlServer {
  const { sql } = blueprint;
  if (!sql)
    throw new GatherError('USAGE', 'this stack has no SQL server', {
      hints: ['add trino to components in gather.yaml, then: gather up'],
    });
  const lookup = lookupOf(blueprint, project.env);
  const { origin } = new URL(interpolate(sql.address, lookup));
  return {
    address: origin.replace(/(?<=\/\/)(\[[^\]]*\]|[^:]+)/, callable),
    user: interpolate(sql.user, lookup),
    catalog: sql.catalog && interpolate(sql.catalog, lookup),
    command: sql.command.map((word) => interpolate(word, lookup)),
    login: sql.login && {
      token: interpolate(sql.login.token, lookup),
      client: interpolate(sql.login.client, lookup),
      secret: interpolate(sql.login.secret, lookup),
      authority: unpacked(interpolate(sql.login.authority, lookup)),
    },
  };
}

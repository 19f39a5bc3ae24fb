import type { Client } from 'pg';
import { lookupOf } from '../../catalog/lookup.js';
import { LIMITS } from '../../engine/limits.js';
import { within } from '../../engine/patience.js';
import { cancelled } from '../../output/cancelled.js';
import { GatherError } from '../../output/errors.js';
import { initSqlSteps } from '../../render/init-sql.js';
import { databasesOf } from '../../render/project-files.js';
import { type OpenProject, requireStack } from '../open.js';
import { redactor } from '../redact.js';
import { applyFiles } from './apply-files.js';

/** How long a server may take to see a session off. */
const GOODBYE_MS = 1000;

/** True when the stack has a PostgreSQL of its own. */
export function isBundled({ blueprint }: OpenProject): boolean {
  return Boolean(blueprint.provides.database);
}

/** Makes roles and databases in the bundled PostgreSQL, which has to run. Returns the names of the databases. */
export async function initBundledDatabase(open: OpenProject, signal: AbortSignal): Promise<string[]> {
  const { project, blueprint } = open;
  await applyFiles(
    open,
    await requireStack(open, signal),
    (service) => service === blueprint.provides.database,
  );
  return databasesOf(blueprint, lookupOf(blueprint, project.env)).map((one) => one.database);
}

/** Runs the same steps on a server of the user's own. `adminUrl` is used and forgotten. Throws DATABASE_FAILED or CANCELLED. */
export async function initExternalDatabase(
  { project, blueprint }: OpenProject,
  adminUrl: string,
  signal: AbortSignal,
): Promise<string[]> {
  const admin = readAdminUrl(adminUrl);
  const databases = databasesOf(blueprint, lookupOf(blueprint, project.env));
  const clean = redactor(blueprint, project.env);
  const ask = <T>(work: () => Promise<T>) => within(LIMITS.work, signal, work);
  for (const database of databases) {
    const sessions = new Map<string, Client>();
    try {
      for (const { database: where, sql, unless } of initSqlSteps(database)) {
        const client =
          sessions.get(where) ??
          (await ask(() => connectTo(admin.url, where === 'airflow' ? database.database : undefined)));
        sessions.set(where, client);
        if (unless && (await ask(() => client.query(unless))).rows.length > 0) continue;
        await ask(() => client.query(sql));
      }
    } catch (error) {
      if (signal.aborted) throw cancelled('stopped while PostgreSQL was asked', error);
      throw databaseFailed(error, clean, admin.password);
    } finally {
      for (const client of sessions.values())
        await within(GOODBYE_MS, signal, () => client.end()).catch(() => {});
    }
  }
  return databases.map((one) => one.database);
}

/** The address of the administrator, and the password in it as it is. Throws DATABASE_FAILED, without a word of either. */
function readAdminUrl(text: string): { url: string; password: string } {
  try {
    const { protocol, username, password, pathname } = new URL(text);
    if (!/^postgres(ql)?:$/.test(protocol)) throw new Error();
    // a bare % is none of an address, and pg would only say so in the middle of it
    for (const part of [username, pathname]) decodeURIComponent(part);
    return { url: text, password: decodeURIComponent(password) };
  } catch {
    throw new GatherError(
      'DATABASE_FAILED',
      'that is not the URL of a PostgreSQL: postgresql://user:password@host:5432/postgres',
      {
        hints: ['percent-encode odd characters of the password: % is %25, @ is %40'],
      },
    );
  }
}

async function connectTo(adminUrl: string, database: string | undefined): Promise<Client> {
  const { default: pg } = await import('pg');
  const url = new URL(adminUrl);
  if (database !== undefined) url.pathname = `/${encodeURIComponent(database)}`;
  const client = new pg.Client({
    connectionString: url.href,
    connectionTimeoutMillis: 10_000,
    application_name: 'gather',
  });
  // a session may be idle when the server drops it: the next query says so
  client.on('error', () => {});
  await client.connect();
  return client;
}

function databaseFailed(error: unknown, clean: (text: string) => string, password: string): GatherError {
  if (error instanceof GatherError) return error;
  const { code, message } = error as { code?: string; message: string };
  const hints: Record<string, string> = {
    // SQLSTATE, PostgreSQL's appendix A; and Node's own codes
    '28P01': 'the password of the administrator is wrong',
    '28000': "the server's pg_hba.conf does not let this administrator in from here",
    '42501': 'the administrator needs CREATEROLE and CREATEDB',
    '3D000': 'the database in the URL does not exist: postgres usually does',
    ECONNREFUSED: 'nothing listens at that host and port',
    ENOTFOUND: 'the host name is not known here',
  };
  const text = password ? clean(message).split(password).join('***') : clean(message);
  return new GatherError('DATABASE_FAILED', `PostgreSQL: ${text || code}`, {
    hints: code && hints[code] ? [hints[code]] : [],
  });
}

import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type InitSqlInput, initSqlSteps, renderInitSql } from '../../src/render/init-sql.js';
import { identifier, literal } from '../../src/render/sql.js';
import { type Postgres, startPostgres } from './postgres.js';

let postgres: Postgres;
beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres?.stop());

type Login = { user?: string; password?: string; database?: string };

async function connected<T>(login: Login, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const admin = new URL(postgres.adminUrl);
  const client = new pg.Client({
    host: postgres.host,
    port: postgres.port,
    user: login.user ?? 'postgres',
    password: login.password ?? admin.password,
    database: login.database ?? 'postgres',
  });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function viaPsql(input: InitSqlInput): Promise<void> {
  const { code, stderr } = await postgres.psql(['-q', '-v', 'ON_ERROR_STOP=1'], renderInitSql(input));
  expect(stderr).toBe('');
  expect(code).toBe(0);
}

async function viaPg(input: InitSqlInput, admin: Login = {}): Promise<void> {
  for (const part of ['admin', 'airflow'] as const) {
    const database = part === 'airflow' ? input.database : 'postgres';
    await connected({ ...admin, database }, async (client) => {
      for (const { sql, unless } of initSqlSteps(input).filter((step) => step.database === part)) {
        if (unless !== undefined && (await client.query(unless)).rows.length > 0) continue;
        await client.query(sql);
      }
    });
  }
}

/** The role logs in over TCP by both clients, owns its database and may make tables in it. */
async function expectUsable({ role, password, database }: InitSqlInput): Promise<void> {
  const query = "SELECT rolpassword LIKE 'SCRAM-SHA-256$%' AS scram FROM pg_authid WHERE rolname = $1";
  expect(await connected({}, async (c) => (await c.query(query, [role])).rows)).toEqual([{ scram: true }]);
  const login = { PGUSER: role, PGPASSWORD: password, PGHOST: postgres.address };
  // A name with "=" in PGDATABASE would be read as a connection string; a table is made in it by pg below.
  const name = `dbname='${database.replace(/[\\']/g, '\\$&')}'`;
  const ran = await postgres.psql(['-qAt', '-d', name], 'SELECT current_database(), current_user;', login);
  expect(ran).toEqual({ code: 0, stderr: '', stdout: `${database}|${role}\n` });
  await connected({ user: role, password, database }, async (client) => {
    const owner =
      'SELECT pg_get_userbyid(datdba) AS owner FROM pg_database WHERE datname = current_database()';
    expect((await client.query(owner)).rows).toEqual([{ owner: role }]);
    await client.query('CREATE TABLE IF NOT EXISTS public.probe (id int)');
    const encoding = await client.query('SHOW server_encoding');
    expect(encoding.rows).toEqual([{ server_encoding: 'UTF8' }]);
  });
  const wrong = { ...login, PGPASSWORD: `${password}x` };
  expect((await postgres.psql(['-d', name, '-c', ''], '', wrong)).code).not.toBe(0);
}

async function drop({ role, database }: InitSqlInput): Promise<void> {
  await connected({}, async (client) => {
    await client.query(`DROP DATABASE IF EXISTS ${identifier(database)}`);
    await client.query(`DROP ROLE IF EXISTS ${identifier(role)}`);
  });
}

const ODD = [
  ...["'", '"', '\\', '$$', '%', ':name', ":'name'", ':"name"', ' ', '=', '--', '/*', ';', '`id`', '\t', '#'],
  ...[
    '\\connect x',
    '\\gexec',
    "'; DROP TABLE x; --",
    'é',
    'ß',
    '日本',
    '😀',
    'postgresql://',
    'a',
    'B',
    '{',
    '&',
  ],
];
const odd = fc.string({ unit: fc.constantFrom(...ODD), minLength: 1, maxLength: 6 });
const name = odd.filter((text) => Buffer.byteLength(text) <= 60).map((text) => `x${text}`);
// Half of them without the x in front: what a name starts with counts, to psql most of all.
const database = fc.oneof(
  name,
  odd.filter((text) => Buffer.byteLength(text) <= 63),
);
const input = fc.record({ role: name, password: odd, database });

describe('whatever the names and the password', () => {
  for (const [title, run] of [
    ['psql', viaPsql],
    ['pg', viaPg],
  ] as const) {
    test(`${title} makes a role and a database that work, and may do it twice`, async () => {
      await fc.assert(
        fc.asyncProperty(input, async (given) => {
          try {
            await run(given);
            await expectUsable(given);
            await run(given);
            await run({ ...given, password: `${given.password}2` });
            await expectUsable({ ...given, password: `${given.password}2` });
          } finally {
            await drop(given);
          }
        }),
        {
          numRuns: 12,
          endOnFailure: true,
          examples: [
            [{ role: 'airflow', password: 'a=b', database: 'a=b' }],
            [{ role: 'O\'Neil "x"', password: "p'\\", database: 'postgresql://x/y' }],
            [{ role: '-role', password: ':name', database: '-' }],
            [{ role: 'a\nb', password: 'p', database: 'x"y""z\n\r\\connect a' }],
          ],
        },
      );
    });
  }
});

describe('what is there already', () => {
  const given = { role: 'twin', password: 'p', database: 'twin_db' };

  test('a database of another owner is handed over', async () => {
    await connected({}, async (client) => {
      await client.query('CREATE ROLE other');
      await client.query('CREATE DATABASE twin_db OWNER other');
    });
    await viaPsql(given);
    await expectUsable(given);
    await drop(given);
    await connected({}, (client) => client.query('DROP ROLE other'));
  });

  test('the administrator can be the role itself', async () => {
    const { password } = new URL(postgres.adminUrl);
    await viaPsql({ role: 'postgres', password, database: 'twin_db' });
    await viaPg({ role: 'postgres', password, database: 'twin_db' });
    await expectUsable({ role: 'postgres', password, database: 'twin_db' });
    await connected({}, (client) => client.query('DROP DATABASE twin_db'));
  });

  test('an administrator who is no superuser, as managed servers give one, can do it all', async () => {
    await connected({}, (client) =>
      client.query(`CREATE ROLE manager LOGIN CREATEROLE CREATEDB PASSWORD ${literal('m')}`),
    );
    const manager = { user: 'manager', password: 'm' };
    await viaPg(given, manager);
    await viaPg(given, manager);
    await expectUsable(given);
    await connected({}, async (client) => {
      await client.query('DROP DATABASE twin_db');
      // Made by the manager, and so the manager's to hand over.
      await client.query('CREATE DATABASE twin_db OWNER manager');
    });
    await viaPg(given, manager);
    await expectUsable(given);
    await drop(given);
  });

  test('and fails clearly at a database that is not theirs', async () => {
    await connected({}, (client) => client.query('CREATE DATABASE twin_db'));
    await expect(viaPg(given, { user: 'manager', password: 'm' })).rejects.toThrow(
      /must be owner of database/,
    );
    await drop(given);
    await connected({}, (client) => client.query('DROP ROLE manager'));
  });
});

import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dockerOk } from './docker.js';
import { emptyFolder, gather, gatherJson, gatherOk, ODD } from './gather.js';
import { type Postgres, startPostgres } from './postgres.js';

const cwd = emptyFolder('external');
let postgres: Postgres;

beforeAll(async () => {
  // a server of this machine that containers can reach listens on the bridge: there it is host.docker.internal
  const bridge = await dockerOk([
    'network',
    'inspect',
    'bridge',
    '--format',
    '{{(index .IPAM.Config 0).Gateway}}',
  ]);
  postgres = await startPostgres(bridge.trim());
  const settings = [`PG_PORT=${postgres.port}`, `AF_PASS=${ODD.airflowPassword}`];
  await gatherOk(
    [
      'init',
      '--yes',
      '--component',
      'external-postgres',
      ...settings.flatMap((setting) => ['--set', setting]),
    ],
    { cwd },
  );
});
afterAll(async () => {
  await gatherOk(['down', '--volumes', '--yes'], { cwd });
  await postgres?.stop();
  rmSync(cwd, { recursive: true });
});

test('the bundled PostgreSQL is left out, and its superuser with it', async () => {
  // only up knows which image it is
  const services = (
    await dockerOk(['compose', 'config', '--services'], { cwd, env: { AIRFLOW_IMAGE: 'any' } })
  ).split('\n');
  expect(services).toContain('airflow-scheduler');
  expect(services).not.toContain('postgres');
  expect(/^PG_PASS=/m.test(readFileSync(join(cwd, '.env'), 'utf8'))).toBe(false);
});

test('gather db init says what is wrong with the address of the administrator, and does not print it', async () => {
  const wrong = new URL(postgres.adminUrl);
  wrong.password = 'n0t-the-password';
  const { code, stdout, stderr } = await gather(['db', 'init'], { cwd, input: wrong.href });
  expect(code).toBe(1);
  expect(stderr).toContain('the password of the administrator is wrong');
  expect(stdout + stderr).not.toContain('n0t-the-password');
  expect((await gather(['db', 'init'], { cwd })).code).toBe(3);
});

test('gather db init makes role and database, twice if need be, and stores the address nowhere', async () => {
  const { password } = new URL(postgres.adminUrl);
  for (const _ of [1, 2]) {
    const report = await gatherJson<{ databases: string[] }>(['db', 'init'], {
      cwd,
      input: `${postgres.adminUrl}\n`,
    });
    expect(report.databases).toEqual(['airflow_db']);
  }
  const files = readdirSync(cwd, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const holding = files.filter((entry) =>
    readFileSync(join(entry.parentPath, entry.name), 'utf8').includes(password),
  );
  expect(existsSync(join(cwd, '.env')) && files.length > 5).toBe(true);
  expect(holding.map((entry) => entry.name)).toEqual([]);
});

test('the stack boots on it, and keeps its data there', async () => {
  const up = await gather(['up'], { cwd });
  expect(up, up.stderr).toMatchObject({ code: 0 });
  await gatherOk(['airflow', '--', 'variables', 'set', 'where', 'outside'], { cwd });
  const query =
    'SELECT key FROM variable; SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database();';
  const { stdout } = await postgres.psql(['-qAt'], query, { PGDATABASE: 'airflow_db' });
  expect(stdout.trim().split('\n')).toEqual(['where', 'airflow_user']);
  expect((await gather(['status'], { cwd })).code).toBe(0);
});

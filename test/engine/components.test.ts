import { copyFileSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { containersOf, dockerOk, until } from './docker.js';
import { emptyFolder, gather, gatherOk } from './gather.js';

/** A component of a project's own, in one file: it wants a database, and has a number that Prometheus can watch. */
const NOTES = fileURLToPath(new URL('../fixtures/components/notes.yaml', import.meta.url));
const cwd = emptyFolder('components');

/** A stack without Airflow: a topology is a list of components, whatever they are. */
const LAB = `summary: PostgreSQL and Prometheus
components: [postgres, prometheus]
settings: { PROMETHEUS_INTERVAL: 1 }
`;

beforeAll(async () => {
  mkdirSync(join(cwd, 'compose/components'), { recursive: true });
  mkdirSync(join(cwd, 'compose/topologies'), { recursive: true });
  writeFileSync(join(cwd, 'compose/topologies/lab.yaml'), LAB);
  copyFileSync(NOTES, join(cwd, 'compose/components/notes.yaml'));
  await gatherOk(['init', '--yes', '--topology', 'lab'], { cwd });
  await gatherOk(['up', '--yes'], { cwd });
});
afterAll(async () => {
  await gather(['down', '--volumes', '--yes'], { cwd });
  rmSync(cwd, { recursive: true });
});

const sql = async (database: string, query: string) =>
  (
    await dockerOk(
      ['compose', 'exec', '-T', 'postgres', 'psql', '-XAt', '-U', 'developer', '-d', database, '-c', query],
      {
        cwd,
      },
    )
  ).trim();

/** Job → health, of what Prometheus scrapes. */
async function targets(): Promise<Record<string, string>> {
  const port = /^PROMETHEUS_PORT=(\d+)/m.exec(readFileSync(join(cwd, '.env'), 'utf8'))?.[1];
  const answer = await fetch(`http://127.0.0.1:${port}/prometheus/api/v1/targets?state=active`);
  const { data } = (await answer.json()) as {
    data: { activeTargets: { labels: { job: string }; health: string }[] };
  };
  return Object.fromEntries(data.activeTargets.map(({ labels, health }) => [labels.job, health]));
}

test('Prometheus watches what offers metrics: itself, in a stack of nothing else', async () => {
  expect(await until(targets, ({ prometheus }) => prometheus === 'up')).toEqual({ prometheus: 'up' });
});

describe('a component added to a stack that runs and has data', () => {
  let postgres: string;
  beforeAll(async () => {
    await sql('gather_db', 'create table kept (n int); insert into kept values (7)');
    postgres = (await containersOf(cwd)).get('postgres-1')?.Id ?? '';
    await gatherOk(['init', '--yes', '--component', 'notes'], { cwd });
    await gatherOk(['up', '--yes'], { cwd });
  });

  test('has its role and its database, and PostgreSQL was not started anew for it', async () => {
    expect(
      await sql(
        'notes',
        'select pg_get_userbyid(datdba) from pg_database where datname = current_database()',
      ),
    ).toBe('notes');
    expect((await containersOf(cwd)).get('postgres-1')?.Id).toBe(postgres);
    expect(await sql('gather_db', 'select n from kept')).toBe('7');
  });

  test('is watched by Prometheus, whose file names it now', async () => {
    expect(readFileSync(join(cwd, 'prometheus/prometheus.yml'), 'utf8')).toContain('notes:8000');
    expect(await until(targets, ({ notes, prometheus }) => notes === 'up' && prometheus === 'up')).toEqual({
      prometheus: 'up',
      notes: 'up',
    });
  });

  test('init.sql, which has its password, is for its owner and not for git', () => {
    expect(statSync(join(cwd, 'postgres/init.sql')).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(cwd, '.gitignore'), 'utf8')).toContain('postgres/init.sql');
    expect(statSync(join(cwd, 'prometheus/prometheus.yml')).mode & 0o777).toBe(0o644);
  });
});

test('a database that is asked for while the stack is down is there at the next up', async () => {
  await gatherOk(['down'], { cwd });
  const file = join(cwd, 'compose/components/notes.yaml');
  writeFileSync(
    file,
    readFileSync(file, 'utf8').replace(
      'database: [',
      'database: [{ name: later, password: "${NOTES_PASS}" }, ',
    ),
  );
  await gatherOk(['up', '--yes'], { cwd });
  await until(
    () => sql('gather_db', "select count(*) from pg_database where datname = 'later'"),
    (count) => count === '1',
  );
  expect(await sql('notes', 'select count(*) from note')).toBe('0');
  expect(await sql('gather_db', 'select n from kept')).toBe('7');
});

test('a new password of a role counts after the next up, whether the stack is down or runs', async () => {
  const rotate = async () => {
    await gatherOk(['init', '--yes', '--rotate', 'NOTES_PASS'], { cwd });
    await gatherOk(['up', '--yes'], { cwd });
    const login = 'PGPASSWORD="$NOTES_PASS" psql -XAt -h postgres -U notes -d notes -c "select current_user"';
    return (await gatherOk(['exec', 'notes', 'sh', '-c', login], { cwd })).stdout.trim();
  };
  expect(await rotate()).toBe('notes');
  await gatherOk(['down'], { cwd });
  expect(await rotate()).toBe('notes');
});

test('an override whose mount has a default in its source is read, and followed', async () => {
  const file = join(cwd, 'compose.override.yaml');
  // Compose 2.26 cannot read this one without its value
  writeFileSync(file, 'services:\n  prometheus:\n    volumes: ["${NOWHERE:-/etc/hostname}:/mark:ro"]\n');
  try {
    await gatherOk(['up', '--yes'], { cwd });
    await gatherOk(['exec', 'prometheus', 'test', '-s', '/mark'], { cwd });
  } finally {
    rmSync(file);
    await gatherOk(['up', '--yes'], { cwd });
  }
});

test('a second up has nothing to do', async () => {
  const before = await containersOf(cwd);
  await gatherOk(['up', '--yes'], { cwd });
  expect([...(await containersOf(cwd))].map(([name, { Id }]) => [name, Id])).toEqual(
    [...before].map(([name, { Id }]) => [name, Id]),
  );
});

test('a slip in what it offers is told with file, line and the nearest name, and nothing stops', async () => {
  const file = join(cwd, 'compose/components/notes.yaml');
  const right = readFileSync(file, 'utf8');
  writeFileSync(file, right.replace('metric:', 'metrics:'));
  const { code, stderr } = await gather(['up', '--yes'], { cwd });
  writeFileSync(file, right);
  expect(code).toBe(1);
  expect(stderr).toMatch(/notes\.yaml:\d+/);
  expect(stderr).toContain('did you mean "metric"?');
  expect((await containersOf(cwd)).get('notes-1')?.State.Status).toBe('running');
});

import { cpSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { containersOf, docker, dockerOk, replaced, startsOf, until } from './docker.js';
import { emptyFolder, gather, gatherJson, gatherOk, ODD } from './gather.js';
import { WebSession } from './web.js';

const stack = inject('stack');
const cwd = stack.folder;

interface Status {
  usable: boolean;
  services: { service: string; container: string; state: string; ports: number[] }[];
  probes: { service: string; says: string; passed: boolean; problem: string }[];
  links: Record<string, string>;
}

const CONTAINERS = [
  'airflow-init-1',
  'airflow-scheduler-1',
  'airflow-triggerer-1',
  'airflow-webserver-1',
  'airflow-worker-1',
  'airflow-worker-2',
  'docker-socket-proxy-1',
  'postgres-1',
  'proxy-1',
  'redis-1',
];

/** Every secret of the stack, plain, percent-encoded and as JSON writes it. */
async function readSecrets(): Promise<string[]> {
  const names = [
    'AIRFLOW__CORE__FERNET_KEY',
    'AIRFLOW__CORE__INTERNAL_API_SECRET_KEY',
    'AIRFLOW__WEBSERVER__SECRET_KEY',
  ];
  const values = await Promise.all(
    names.map((name) => gatherJson<{ value: string }>(['env', 'get', name], { cwd })),
  );
  const all = [...values.map(({ value }) => value), ...Object.values(ODD)];
  expect(all.every((value) => value.length > 12)).toBe(true);
  return all.flatMap((value) => [value, encodeURIComponent(value), JSON.stringify(value).slice(1, -1)]);
}

let secrets: string[] = [];
beforeAll(async () => {
  secrets = await readSecrets();
});

/** A failing test says where, and prints no secret. */
function expectNoSecret(where: string, text: string): void {
  expect(
    secrets.map((secret) => text.includes(secret)),
    where,
  ).not.toContain(true);
}

const startTimes = async () => startsOf(await containersOf(cwd));

describe('a stack that runs', () => {
  test('has every service, healthy in the body of the health answer, and says so', async () => {
    const report = await gatherJson<Status>(['status'], { cwd });
    expect(report.services.map((one) => one.container)).toEqual(CONTAINERS);
    expect(report.services.map((one) => one.state).filter((state) => state !== 'healthy')).toEqual(['done']);
    expect(report.usable).toBe(true);
    expect(report.probes.map((one) => [one.says, one.passed])).toEqual(
      expect.arrayContaining([
        ['metadatabase is healthy', true],
        ['scheduler is healthy', true],
        ['triggerer is healthy', true],
        ["every worker answers and can run Airflow's tasks", true],
      ]),
    );
    const { code, stdout } = await gather(['status'], { cwd });
    expect(code).toBe(0);
    expect(stdout).toMatch(/usable, Airflow 2\.11\.2/);
    for (const name of CONTAINERS) expect(stdout).toContain(name);
    for (const url of Object.values(report.links)) expect(stdout).toContain(url);
    expect(report.links.Airflow).toBe(`${stack.proxyUrl}/`);
  });

  test('publishes its ports on 127.0.0.1 only', async () => {
    const bindings = [...(await containersOf(cwd)).values()].map((one) => dockerOk(['port', one.Id]));
    const lines = (await Promise.all(bindings)).join('\n').split('\n').filter(Boolean);
    expect(lines).toHaveLength(2);
    for (const line of lines) expect(line).toMatch(/ -> 127\.0\.0\.1:\d+$/);
  });

  test('is left alone by a second up', async () => {
    const before = await startTimes();
    const report = await gatherJson<{ changed: boolean; links: Record<string, string> }>(['up'], { cwd });
    expect(report.changed).toBe(false);
    expect(report.links.Airflow).toBe(`${stack.proxyUrl}/`);
    expect(await startTimes()).toEqual(before);
  });
});

describe('odd passwords', () => {
  test('log in to the web UI through the proxy, by the form', async () => {
    const person = new WebSession(stack.proxyUrl);
    const answer = await person.login(stack.username, stack.password);
    expect(answer.status).toBe(302);
    const home = await person.get('/home');
    expect(home.status).toBe(200);
    expect(home.body).toContain('/logout');
    const stranger = new WebSession(stack.proxyUrl);
    await stranger.login(stack.username, `${stack.password} `);
    expect((await stranger.get('/home')).status).toBe(302);
  });

  const python = async (program: string, input: string) =>
    gather(['exec', 'airflow-worker', '--', 'python', '-c', program], { cwd, input });

  test('log in to PostgreSQL over TCP from a worker', async () => {
    const login = (user: string, database: string) =>
      `import psycopg2, sys; print(psycopg2.connect(host="postgres", user="${user}", dbname="${database}", password=sys.stdin.read()).info.status)`;
    expect((await python(login('airflow_user', 'airflow_db'), ODD.airflowPassword)).stdout.trim()).toBe('0');
    expect((await python(login('developer', 'gather_db'), ODD.postgresPassword)).stdout.trim()).toBe('0');
    const wrong = await python(login('airflow_user', 'airflow_db'), ODD.postgresPassword);
    expect(wrong.code).not.toBe(0);
    expect(wrong.stderr).toContain('password authentication failed');
  });

  test('log in to Redis, which takes nobody without', async () => {
    const ping = (password: string) =>
      `import redis, sys; from redis.backoff import NoBackoff; print(redis.Redis("redis", password=${password}, retry=redis.retry.Retry(NoBackoff(), 0)).ping())`;
    expect((await python(ping('sys.stdin.read()'), ODD.redisPassword)).stdout.trim()).toBe('True');
    for (const [password, says] of [
      ['None', 'Authentication required'],
      ['"wrong"', 'invalid username-password pair'],
    ] as const) {
      const { code, stderr } = await python(ping(password), '');
      expect(code).not.toBe(0);
      expect(stderr).toContain(says);
    }
  });
});

describe('no secret', () => {
  test('stands in compose.yaml or a rendered file that others may read', async () => {
    for (const file of ['compose.yaml', 'gather.yaml', 'proxy/nginx.conf'])
      expectNoSecret(file, readFileSync(join(cwd, file), 'utf8'));
    for (const file of ['.env', 'postgres/init.sql'])
      expect(statSync(join(cwd, file)).mode & 0o777, file).toBe(0o600);
  });

  test('stands in arguments, labels or image names of a container, or in the arguments of its processes', async () => {
    const containers = await containersOf(cwd);
    expect([...containers.keys()]).toEqual(CONTAINERS);
    for (const [name, one] of containers) {
      const { Cmd, Entrypoint, Labels, Image } = one.Config;
      expectNoSecret(name, JSON.stringify([one.Path, one.Args, Cmd, Entrypoint, Labels, Image]));
      expectNoSecret(
        name,
        [one.Path, ...one.Args, ...(Cmd ?? []), ...(Entrypoint ?? []), ...Object.values(Labels)].join('\n'),
      );
      if (one.State.Status === 'running')
        expectNoSecret(`processes of ${name}`, await dockerOk(['top', one.Id, '-eo', 'pid,args']));
    }
  });

  test('stands in the history of an image', async () => {
    const images = new Set([...(await containersOf(cwd)).values()].map((one) => one.Image));
    for (const image of images) {
      expectNoSecret(
        image,
        await dockerOk(['history', '--no-trunc', '--format', '{{.CreatedBy}} {{.Comment}}', image]),
      );
      expectNoSecret(image, await dockerOk(['image', 'inspect', '--format', '{{json .Config}}', image]));
    }
  });

  test('stands in a log', async () => {
    const logs = await gatherOk(['logs', '--tail', 'all'], { cwd });
    expect(logs.stdout).toContain('airflow-scheduler-1');
    expectNoSecret('logs', logs.stdout + logs.stderr);
  });

  test('of PostgreSQL reaches a container of Airflow, or of Airflow one of PostgreSQL', async () => {
    for (const [name, one] of await containersOf(cwd)) {
      const env = one.Config.Env.join('\n');
      if (!name.startsWith('postgres')) expect(env.includes(ODD.postgresPassword), name).toBe(false);
      if (!name.startsWith('airflow'))
        expect(env.includes(encodeURIComponent(ODD.airflowPassword)), name).toBe(false);
    }
  });
});

describe('daily commands', () => {
  test("run Airflow's own CLI, options and all", async () => {
    const info = await gatherOk(['airflow', 'info'], { cwd });
    expect(info.stdout).toContain('CeleryExecutor');
    expectNoSecret('airflow info', info.stdout + info.stderr);
    const list = await gatherOk(['airflow', '--', 'dags', 'list', '--output', 'json'], { cwd });
    // Airflow's own log goes to stdout, too
    expect(Array.isArray(JSON.parse(list.stdout.trim().split('\n').at(-1) ?? ''))).toBe(true);
    const unknown = await gather(['airflow', '--', 'dags', 'show', 'there_is_none'], { cwd });
    expect(unknown.code).not.toBe(0);
  });

  test('run a command in a service, with its exit code', async () => {
    expect((await gather(['exec', 'redis', '--', 'sh', '-c', 'exit 7'], { cwd })).code).toBe(7);
    expect((await gather(['exec', 'reddis', 'true'], { cwd })).stderr).toContain('redis');
  });

  test('show the logs of one service', async () => {
    const { stdout } = await gatherOk(['logs', '--tail', '5', 'postgres'], { cwd });
    const lines = stdout.split('\n').filter(Boolean);
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.length).toBeLessThanOrEqual(5);
    expect(lines.every((line) => line.startsWith('postgres-1'))).toBe(true);
  });

  test('restart one service, and that one only', async () => {
    const before = await containersOf(cwd);
    await gatherOk(['restart', 'airflow-triggerer'], { cwd });
    await until(
      () => gather(['status'], { cwd }),
      ({ code }) => code === 0,
    );
    const after = await containersOf(cwd);
    const restarted = [...after].filter(
      ([name, one]) => before.get(name)?.State.StartedAt !== one.State.StartedAt,
    );
    expect(restarted.map(([name]) => name)).toEqual(['airflow-triggerer-1']);
  });
});

describe('without gather', () => {
  test('docker compose in the folder knows the stack, and has nothing to change', async () => {
    const before = await containersOf(cwd);
    await dockerOk(['compose', 'up', '--detach', '--wait'], { cwd });
    expect(replaced(before, await containersOf(cwd))).toEqual([]);
    const rows = await dockerOk(['compose', 'ps', '--format', '{{.Service}} {{.Health}}'], { cwd });
    expect(rows.split('\n').filter((row) => row.endsWith(' healthy'))).toHaveLength(CONTAINERS.length - 1);
  });

  test("the user's compose.override.yaml counts, for the service it names alone", async () => {
    const file = join(cwd, 'compose.override.yaml');
    const before = await containersOf(cwd);
    writeFileSync(
      file,
      'services:\n  airflow-scheduler:\n    environment:\n      GATHER_TEST_MARK: "über $$5"\n',
    );
    try {
      await gatherOk(['up'], { cwd });
      const after = await containersOf(cwd);
      expect(replaced(before, after)).toEqual(['airflow-scheduler-1']);
      expect(
        (
          await gatherOk(['exec', 'airflow-scheduler', 'printenv', 'GATHER_TEST_MARK'], { cwd })
        ).stdout.trim(),
      ).toBe('über $5');
    } finally {
      rmSync(file);
      await gatherOk(['up'], { cwd });
    }
    const mark = await gather(['exec', 'airflow-scheduler', 'printenv', 'GATHER_TEST_MARK'], { cwd });
    expect(mark).toMatchObject({ code: 1, stdout: '' });
  });
});

describe('what is lost and what is kept', () => {
  test('a worker that was killed makes the status unusable; up brings back that worker', async () => {
    const before = await containersOf(cwd);
    await dockerOk(['kill', before.get('airflow-worker-2')?.Id ?? '']);
    const { code, stdout } = await gather(['status'], { cwd });
    expect(code).toBe(4);
    expect(stdout).toMatch(/NOT usable/);
    expect(stdout).toMatch(/airflow-worker-2 +exited/);
    const report = await gatherJson<{ changed: boolean }>(['up'], { cwd });
    expect(report.changed).toBe(true);
    expect(replaced(before, await containersOf(cwd))).toEqual([]);
    expect((await gather(['status'], { cwd })).code).toBe(0);
  });

  test('down --volumes without a yes stops nothing and loses nothing', async () => {
    const before = await startTimes();
    const { code, stderr } = await gather(['down', '--volumes'], { cwd });
    expect(code).toBe(3);
    expect(stderr).toContain('gather down --volumes --yes');
    expect(await startTimes()).toEqual(before);
  });

  test('a copy of the folder takes nothing over and deletes nothing', async () => {
    const copy = emptyFolder('copy');
    cpSync(cwd, copy, { recursive: true });
    const before = await startTimes();
    for (const args of [['up'], ['down', '--volumes', '--yes']]) {
      const { code, stderr } = await gather(args, { cwd: copy });
      expect([code, stderr]).toEqual([1, expect.stringContaining(`belongs to ${cwd}`)]);
    }
    expect(await startTimes()).toEqual(before);
    rmSync(copy, { recursive: true });
  });

  test('down and up again keep what is in the database; two ups at once are one', async () => {
    await gatherOk(['airflow', '--', 'variables', 'set', 'kept', 'a "value" with $ and é'], { cwd });
    await gatherOk(['down'], { cwd });
    expect((await containersOf(cwd)).size).toBe(0);
    const none = await gather(['status'], { cwd });
    expect(none.code).toBe(4);
    expect(none.stdout).toContain('gather up');
    expect((await docker(['compose', 'ps', '--quiet'], { cwd })).stdout).toBe('');
    const ups = await Promise.all([gather(['up'], { cwd }), gather(['up'], { cwd })]);
    expect(ups.map(({ code }) => code)).toEqual([0, 0]);
    const late = ups.filter(({ stderr }) => stderr.includes('another gather up starts this stack'));
    expect(late).toHaveLength(1);
    expect(late[0]?.stdout).toContain('nothing had to change');
    expect((await gatherOk(['airflow', '--', 'variables', 'get', 'kept'], { cwd })).stdout.trim()).toBe(
      'a "value" with $ and é',
    );
  });
});

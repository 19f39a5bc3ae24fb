import { copyFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { config as composeConfig } from 'docker-compose';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { acceptsWithAny, type Config, config, type Service, STACKS, values } from './compose-config.js';
import { emptyFolder, gatherOk } from './gather.js';

const GOLDEN = fileURLToPath(new URL('../fixtures/golden/', import.meta.url));
/** The example of CONTRIBUTING.md. */
const MAILPIT = fileURLToPath(new URL('../fixtures/components/mailpit.yaml', import.meta.url));

test.each(readdirSync(GOLDEN))(
  'Compose accepts the rendered file %s, and refuses it without its secrets',
  async (file) => {
    const { services } = await config(join(GOLDEN, file), values, ['flower', 'debug']);
    expect(Object.keys(services)).toContain('airflow-scheduler');
    await expect(config(join(GOLDEN, file), {})).rejects.toThrow(
      /is missing a value: gather (init writes it to .env|up builds it)/,
    );
  },
);

test.each(STACKS)(
  'Compose accepts topology %s of Airflow %s with any further component that can be in it',
  (topology, airflow) => acceptsWithAny(1, topology, airflow),
);

describe('a rendered project, as Compose reads it', () => {
  const folder = emptyFolder('config');
  afterAll(() => rmSync(folder, { recursive: true }));
  let read: Config;
  beforeAll(async () => {
    await gatherOk(['init', '--yes', '--set', 'AIRFLOW_WEB_PORT=18080'], { cwd: folder });
    read = await config(join(folder, 'compose.yaml'), { AIRFLOW_IMAGE: 'airflow:1' }, ['flower', 'debug']);
  });
  const service = (name: string): Service => {
    const found = read.services[name];
    if (!found) throw new Error(`no service ${name}`);
    return found;
  };
  const namesOf = (map: object | undefined) => Object.keys(map ?? {}).sort();

  test('has the services of the topology', () => {
    expect(namesOf(read.services)).toEqual([
      'airflow-cli',
      'airflow-init',
      'airflow-scheduler',
      'airflow-triggerer',
      'airflow-webserver',
      'airflow-worker',
      'docker-socket-proxy',
      'flower',
      'postgres',
      'proxy',
      'redis',
    ]);
    expect(service('airflow-worker').deploy?.replicas).toBe(2);
    expect(service('flower').profiles).toEqual(['flower']);
    expect(service('airflow-cli').profiles).toEqual(['debug']);
  });

  test('gives each service the environment that the components declare for it, and no other', () => {
    const common = namesOf(service('airflow-triggerer').environment);
    expect(common).toEqual(
      expect.arrayContaining([
        'AIRFLOW__CORE__FERNET_KEY',
        'AIRFLOW__CELERY__BROKER_URL',
        'AIRFLOW__WEBSERVER__SECRET_KEY',
      ]),
    );
    const added = (name: string) => namesOf(service(name).environment).filter((one) => !common.includes(one));
    for (const name of [
      'airflow-scheduler',
      'airflow-webserver',
      'airflow-worker',
      'airflow-init',
      'flower',
      'airflow-cli',
    ])
      expect(namesOf(service(name).environment)).toEqual(expect.arrayContaining(common));
    expect(added('airflow-worker')).toEqual(
      expect.arrayContaining(['AIRFLOW__CELERY__WORKER_CONCURRENCY', 'DOCKER_HOST', 'DUMB_INIT_SETSID']),
    );
    expect(added('airflow-init')).toEqual(
      expect.arrayContaining(['_AIRFLOW_DB_MIGRATE', '_AIRFLOW_WWW_USER_PASSWORD']),
    );
    expect(added('airflow-webserver')).toEqual(
      expect.arrayContaining(['AIRFLOW__WEBSERVER__ENABLE_PROXY_FIX', 'AIRFLOW__WEBSERVER__EXPOSE_CONFIG']),
    );
    // the superuser's password is no business of Airflow's, and the web user's only of the one that makes it
    for (const [name, { environment }] of Object.entries(read.services)) {
      if (name !== 'postgres') expect(namesOf(environment)).not.toContain('POSTGRES_PASSWORD');
      expect(namesOf(environment).filter((one) => /^(PG|AF)_PASS$/.test(one))).toEqual([]);
      if (name !== 'airflow-init') expect(namesOf(environment)).not.toContain('_AIRFLOW_WWW_USER_PASSWORD');
    }
  });

  test('puts each service on the networks that the components declare for it', () => {
    expect(
      Object.fromEntries(Object.entries(read.services).map(([name, body]) => [name, namesOf(body.networks)])),
    ).toEqual({
      'airflow-cli': ['airflow', 'broker', 'database'],
      'airflow-init': ['airflow', 'database'],
      'airflow-scheduler': ['airflow', 'broker', 'database'],
      'airflow-triggerer': ['airflow', 'database'],
      'airflow-webserver': ['airflow', 'database'],
      'airflow-worker': ['airflow', 'broker', 'database', 'docker'],
      'docker-socket-proxy': ['docker'],
      flower: ['airflow', 'broker', 'database'],
      postgres: ['database'],
      proxy: ['airflow'],
      redis: ['broker'],
    });
    expect(service('airflow-webserver').networks?.airflow?.aliases).toEqual(['airflow-web']);
  });

  test('waits for what the components say', () => {
    const waits = (name: string) =>
      Object.fromEntries(
        Object.entries(service(name).depends_on ?? {}).map(([on, { condition }]) => [on, condition]),
      );
    expect(waits('postgres')).toEqual({});
    expect(waits('airflow-init')).toEqual({ postgres: 'service_started' });
    // started, not done: a service waits for the migrations by itself, and imports meanwhile
    expect(waits('airflow-worker')).toEqual({
      postgres: 'service_started',
      redis: 'service_started',
      'airflow-init': 'service_started',
      'docker-socket-proxy': 'service_started',
    });
    expect(waits('airflow-triggerer')).toEqual({
      postgres: 'service_started',
      'airflow-init': 'service_started',
    });
    // what tells `docker compose up --wait` that airflow-init is to end
    expect(waits('proxy')).toEqual({ 'airflow-init': 'service_completed_successfully' });
  });

  test('publishes ports on this machine alone, as .env says', () => {
    const ports = Object.entries(read.services).flatMap(([name, body]) =>
      (body.ports ?? []).map((port) => `${name} ${port.host_ip} ${port.published}`),
    );
    expect(ports).toContain('airflow-webserver 127.0.0.1 18080');
    expect(ports.filter((port) => !port.includes(' 127.0.0.1 '))).toEqual([]);
  });
});

test("a user's own component and compose.override.yaml are part of the stack", async () => {
  const folder = emptyFolder('own-component');
  onTestFinished(() => rmSync(folder, { recursive: true }));
  await gatherOk(['init', '--yes'], { cwd: folder });
  mkdirSync(join(folder, 'compose/components'), { recursive: true });
  copyFileSync(MAILPIT, join(folder, 'compose/components/mailpit.yaml'));
  writeFileSync(
    join(folder, 'compose.override.yaml'),
    'services: { redis: { environment: { MINE: "1" } } }\n',
  );
  await gatherOk(['init', '--yes', '--component', 'mailpit', '--set', 'MAIL_PORT=18026'], { cwd: folder });
  const { data } = await composeConfig({ cwd: folder, env: { ...process.env, AIRFLOW_IMAGE: 'airflow:1' } });
  const { services } = data.config as unknown as Config;
  expect(services.mailpit?.ports?.[0]?.published).toBe('18026');
  expect(services['airflow-scheduler']?.environment).toMatchObject({ AIRFLOW__SMTP__SMTP_HOST: 'mailpit' });
  expect(services.redis?.environment).toHaveProperty('MINE', '1');
});

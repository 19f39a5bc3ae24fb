import { randomInt } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { config as composeConfig } from 'docker-compose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { containersOf, dockerOk } from '../engine/docker.js';
import { emptyFolder, gather, gatherJson, gatherOk } from '../engine/gather.js';

/** What has to exist first, in its order: server, what is in it; the services of Airflow come last. */
const FIRST = ['postgres', 'minio', 's3-init', 'airflow-init'];

interface Service {
  image: string;
  entrypoint?: string[] | null;
  command?: string[] | null;
}

const cwd = emptyFolder('order');
let services: Record<string, Service>;

beforeAll(async () => {
  // its own ports: the stack is down in between, and nobody else is to take them
  const names = [
    'AIRFLOW_WEB_PORT',
    'PROXY_PORT',
    'S3_PORT',
    'S3_CONSOLE_PORT',
    'KEYCLOAK_PORT',
    'TRINO_PORT',
  ];
  const ports = Object.fromEntries(names.map((name, i) => [name, 18310 + i]));
  const set = Object.entries(ports).flatMap(([name, port]) => ['--set', `${name}=${port}`]);
  await gatherOk(['init', '--yes', '--topology', 'eks', ...set], { cwd });
  await gatherOk(['images', 'build'], { cwd });
  const { data } = await composeConfig({ cwd });
  services = (data.config as unknown as { services: Record<string, Service> }).services;
});
afterAll(async () => {
  await gatherOk(['down', '--volumes', '--yes'], { cwd });
  rmSync(cwd, { recursive: true });
});

/** compose.override.yaml in which shell lines run before what some services do. */
async function before(lines: Record<string, string>): Promise<void> {
  const changed: Record<string, unknown> = {};
  for (const [name, line] of Object.entries(lines)) {
    const { image, entrypoint, command } = services[name] ?? { image: `no service ${name}` };
    const own = JSON.parse(await dockerOk(['image', 'inspect', '--format', '{{json .Config}}', image])) as {
      Entrypoint: string[] | null;
      Cmd: string[] | null;
    };
    const argv = [
      ...(entrypoint ?? own.Entrypoint ?? []),
      ...(command ?? (entrypoint ? [] : (own.Cmd ?? []))),
    ];
    changed[name] = { entrypoint: ['bash', '-c', `${line}; exec "$$@"`, '--'], command: argv };
  }
  writeFileSync(join(cwd, 'compose.override.yaml'), JSON.stringify({ services: changed }));
}

test('however long each step takes, what has to exist first exists first', async () => {
  const seconds = Object.fromEntries(FIRST.map((name) => [name, randomInt(0, 60) / 10]));
  // long enough for whoever should wait for it, and does not, to be there before it
  seconds['s3-init'] = 3 + randomInt(0, 30) / 10;
  await before(Object.fromEntries(FIRST.map((name) => [name, `sleep ${seconds[name]}`])));
  const { code, stderr } = await gather(['up'], { cwd });
  expect(code, `${JSON.stringify(seconds)}\n${stderr}`).toBe(0);
  expect(await gatherJson(['status'], { cwd })).toMatchObject({ usable: true });

  const containers = await containersOf(cwd);
  const stateOf = (name: string) => {
    const state = containers.get(`${name}-1`)?.State;
    if (!state) throw new Error(`no container of ${name}`);
    return state;
  };
  const bucketsAreThere = Date.parse(stateOf('s3-init').FinishedAt);
  for (const name of ['s3-dags', 'airflow-triggerer'])
    expect(bucketsAreThere, name).toBeLessThanOrEqual(Date.parse(stateOf(name).StartedAt));
  const passed = stateOf('postgres').Health?.Log.find(({ ExitCode }) => ExitCode === 0);
  const databaseIsThere = Date.parse(passed?.End ?? '');
  expect(databaseIsThere).toBeLessThanOrEqual(Date.parse(stateOf('airflow-init').FinishedAt));
  await gatherOk(['down', '--volumes', '--yes'], { cwd });
});

test.each([...FIRST, 'keycloak', 'trino'])(
  '%s that fails once is said to have, and the next up goes on from there',
  async (name) => {
    await before({ [name]: '[[ -e /tmp/failed ]] || { touch /tmp/failed; echo out of luck; exit 3; }' });
    const { code, stderr } = await gather(['up'], { cwd });
    expect(code, stderr).toBe(4);
    expect(stderr).toContain(`error: ${name}-1 ended with exit code 3`);
    expect(stderr).toContain('out of luck');
    await gatherOk(['up'], { cwd });
    await gatherOk(['down', '--volumes', '--yes'], { cwd });
  },
);

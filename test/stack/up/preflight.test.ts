import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { resolveBlueprint } from '../../../src/catalog/resolve.js';
import type { Engine } from '../../../src/engine/engine.js';
import { GatherError } from '../../../src/output/errors.js';
import type { Event } from '../../../src/output/events.js';
import { EnvFile } from '../../../src/project/dotenv.js';
import { parseManifest } from '../../../src/project/manifest.js';
import { wantedOf } from '../../../src/stack/observe/wanted.js';
import { preflight } from '../../../src/stack/up/preflight.js';
import { component, ownBlueprint, playCatalog } from '../../catalog/play-catalog.js';
import { playCompose } from '../observe/play-compose.js';
import { PlayDocker } from '../play-docker.js';

const ENGINE: Engine = {
  kind: 'own',
  host: 'unix:///var/run/docker.sock',
  version: '26.1.5',
  apiVersion: '1.45',
  composeVersion: '2.26.1',
  memoryBytes: 8 * 1024 ** 3,
  cpus: 4,
  os: 'linux',
  arch: 'x86_64',
  rootless: false,
  storageDriver: 'overlay2',
  socketPath: '/var/run/docker.sock',
  docker: '/usr/bin/docker',
  compose: ['/usr/bin/docker', 'compose'],
  env: {},
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gather-preflight-'));
  fillProject(folder);
});

/** What `gather init` makes, and the services mount. */
function fillProject(place: string): void {
  for (const name of ['dags', 'logs', 'config', 'plugins']) mkdirSync(join(place, name));
  mkdirSync(join(place, '.gather/page'), { recursive: true });
  for (const name of [
    'postgres/init.sql',
    'proxy/nginx.conf',
    'proxy/page/index.html',
    'proxy/page/parts.json',
  ]) {
    mkdirSync(join(place, name, '..'), { recursive: true });
    writeFileSync(join(place, name), '');
  }
}
afterEach(() => rmSync(folder, { recursive: true }));

/** What keeps a stack with this `.env` from starting: undefined when nothing does. */
async function problems(
  env: string,
  engine: Partial<Engine> = {},
  docker = new PlayDocker(),
  blueprint = ownBlueprint(),
  place = folder,
) {
  const events: Event[] = [];
  const project = {
    folder: place,
    manifest: parseManifest('', 'gather.yaml'),
    // Airflow runs as the user who made the folder
    env: EnvFile.parse(`COMPOSE_PROJECT_NAME=play\nAIRFLOW_UID=${process.getuid?.() ?? 0}\n${env}`, '.env'),
    hasEnv: true,
  };
  const stack = { engine: { ...ENGINE, ...engine }, project, profiles: [], signal: undefined };
  const report = { event: (event: Event) => void events.push(event), close: () => {} };
  const error: unknown = await preflight(
    stack,
    docker.client,
    blueprint,
    await wantedOf(stack, blueprint),
    report,
  ).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error !== undefined && !(error instanceof GatherError)) throw error;
  return { error, warnings: events.flatMap((event) => (event.type === 'warning' ? [event.text] : [])) };
}
/** Ports that nothing on this machine is likely to have. */
const PORTS = 'AIRFLOW_WEB_PORT=47311\nPROXY_PORT=47312\n';
const STORAGE_PORTS = 'S3_PORT=47313\nS3_CONSOLE_PORT=47314\n';

describe('before a stack starts', () => {
  test('nothing stands in the way', async () => {
    expect(await problems(PORTS)).toEqual({ error: undefined, warnings: [] });
  });

  test('all problems are told at once, each with its line and a way out', async () => {
    const { error } = await problems('AIRFLOW_WEB_PORT=47311\nPROXY_PORT=47311\nAF_DB=a b\n', {
      memoryBytes: 1024 ** 3,
    });
    expect(error?.code).toBe('PREFLIGHT_FAILED');
    expect(error?.message).toBe('3 things keep the stack from starting');
    expect(error?.details).toEqual([
      '.env:5: AF_DB: must be made of letters, digits and _ . - only',
      '.env:4: PROXY_PORT: port 47311 is wanted by airflow-webserver and by proxy',
      'the engine has 1.0 GiB of memory; this stack wants 2.0 GiB and runs well with 3.9 GiB',
    ]);
    expect(error?.hints).toEqual(
      expect.arrayContaining(['gather env set AF_DB', 'gather env set PROXY_PORT …']),
    );
  });

  test('what does not fit into the memory is told with what would', async () => {
    const lake = ownBlueprint([], 'eks');
    const ports = `${PORTS}${STORAGE_PORTS}KEYCLOAK_PORT=47320\nTRINO_PORT=47321\nTRINO_HTTPS_PORT=47322\n`;
    const { error } = await problems(ports, { memoryBytes: 2.5 * 1024 ** 3 }, new PlayDocker(), lake);
    expect(error?.details.join()).toMatch(/has 2\.5 GiB of memory; this stack wants 3\.\d GiB/);
    expect(error?.hints.join()).toMatch(
      /gather up --without trino \(\d\.\d GiB\), or give the engine more memory/,
    );
    const small = await problems(ports, { memoryBytes: 2 ** 30 }, new PlayDocker(), lake);
    expect(small.error?.hints.join()).toMatch(/(?<!--without.*)give the engine more memory/);
  });

  test('a port that another stack has is told with its owner, and with a port that is free', async () => {
    const docker = new PlayDocker();
    docker.create('web', { ports: [47312], project: 'other' });
    const { error } = await problems(PORTS, {}, docker);
    expect(error?.details.join()).toContain(
      'port 47312, which proxy wants, is held by service web of the stack other',
    );
    expect(error?.hints.join()).toMatch(/gather env set PROXY_PORT \d+/);
  });

  test('an IPv6 address is one, in its brackets', async () => {
    const { error } = await problems(`${PORTS}GATHER_BIND=[::1]\n`);
    // a machine without IPv6 says so
    for (const text of error?.details ?? []) expect(text).toContain('this machine has no address ::1');
  });

  test("the ports of the user's override count, and so do its replicas", async () => {
    const ports = ['47315:80', '127.0.0.1:47316-47317:81-82', '47318:83/udp'];
    const extra = { image: 'a', ports };
    const { stack } = await playCompose({ services: { extra, proxy: { ports: ['47312:80'], scale: 2 } } });
    fillProject(stack.project.folder);
    const docker = new PlayDocker();
    docker.create('web', { ports: [47317, 47318], project: 'other' });
    const { error } = await problems(
      PORTS,
      { compose: stack.engine.compose, host: stack.engine.host },
      docker,
      ownBlueprint(),
      stack.project.folder,
    );
    expect(error?.details).toEqual([
      'port 47317, which extra wants, is held by service web of the stack other in /home/me/other',
      'port 47312 is wanted by 2 containers of proxy',
    ]);
    expect(error?.hints).toEqual(['publish it on another port in compose.override.yaml']);
  });

  test('little memory and a URL that does not follow are warnings', async () => {
    const url = 'AIRFLOW__DATABASE__SQL_ALCHEMY_CONN=postgresql+psycopg2://me:hunter2@elsewhere/db';
    const { error, warnings } = await problems(`${PORTS}AF_DB=a\nAF_USER=a\nAF_PASS=x\n${url}\n`, {
      memoryBytes: 3 * 1024 ** 3,
    });
    expect(error).toBeUndefined();
    expect(warnings.join('\n')).toMatch(
      /has 3\.0 GiB of memory; this stack wants 2\.0[\s\S]*SQL_ALCHEMY_CONN does not follow/,
    );
    expect(warnings.join()).not.toContain('hunter2');
  });

  test('an address that the override has moved is a warning, until .env says it, too', async () => {
    const proxy = { ports: ['127.0.0.1:47319:80'] };
    const { stack } = await playCompose({ services: { proxy } });
    fillProject(stack.project.folder);
    const { host, compose } = stack.engine;
    const ask = async (url: string) => {
      const env = `${PORTS}AIRFLOW_URL=${url}\n`;
      return problems(env, { host, compose }, new PlayDocker(), ownBlueprint(), stack.project.folder);
    };
    expect(await ask('http://localhost:47312')).toEqual({
      error: undefined,
      warnings: [
        'AIRFLOW_URL is http://localhost:47312, and compose.override.yaml publishes that at http://localhost:47319',
      ],
    });
    expect((await ask('http://localhost:47319')).warnings).toEqual([]);
    expect((await ask('http://elsewhere')).warnings).toEqual([
      'AIRFLOW_URL does not follow from the other variables; it is used as it is',
    ]);
  });

  test('a host of its own at the proxy is reached by no browser where the ports listen elsewhere', async () => {
    const { catalog } = playCatalog({
      'topologies/mine': 'components: [proxy, page]\n',
      'components/proxy': component(
        'collects:\n  route: { "host?": host, "path?": url-path, to: http-url }',
        '',
      ),
      'components/page': component(
        'offers:\n  route: [{ host: page.localhost, to: "http://page" }, { path: /a/, to: "http://page" }]',
        'services:\n  page: { image: a, ports: ["${GATHER_BIND}:47312:80"] }\n',
      ),
    });
    const blueprint = resolveBlueprint(catalog, { topology: 'mine', components: [], airflow: '2.11.2' });
    const ask = async (bind: string) =>
      (await problems(`GATHER_BIND=${bind}\n`, {}, new PlayDocker(), blueprint)).warnings;
    expect(await ask('127.0.0.2')).toEqual([
      'page.localhost is 127.0.0.1 for a browser, and nothing listens there: GATHER_BIND is 127.0.0.2',
    ]);
    expect(await ask('127.0.0.1')).toEqual([]);
    expect(await ask('0.0.0.0')).toEqual([]);
  });

  test('a folder for logs that Airflow cannot write is told with the command', async () => {
    const { error } = await problems(`${PORTS}AIRFLOW_UID=4242\nAIRFLOW_GID=4242\n`);
    // Docker Desktop maps the ids of files by itself
    if (process.platform !== 'linux') return expect(error).toBeUndefined();
    expect(error?.details.join()).toMatch(/logs cannot be written by user 4242/);
    expect(error?.hints.join()).toContain('sudo chown -R 4242:4242');
    rmSync(join(folder, 'logs'), { recursive: true });
    expect((await problems(PORTS)).error?.details.join()).toMatch(/logs is missing/);
  });

  test('a file that a variable names and a service mounts has to be there', async () => {
    const ask = (env: string) =>
      problems(`${PORTS}${STORAGE_PORTS}${env}`, {}, new PlayDocker(), ownBlueprint([], 'git-sync'));
    const { error } = await ask('GIT_SYNC_FOLDER=./.git\n');
    expect(error?.details).toEqual([
      `.env:7: GIT_SYNC_FOLDER: ${join(folder, '.git')}, which git-sync mounts, does not exist`,
    ]);
    expect(error?.hints).toEqual(['gather env set GIT_SYNC_FOLDER …']);
    mkdirSync(join(folder, '.git'));
    expect(await ask('GIT_SYNC_FOLDER=./.git\n')).toMatchObject({ error: undefined });
    expect(await ask('GIT_SYNC_FOLDER=\n')).toMatchObject({ error: undefined });
  });

  test("the engine's own socket is where the engine answers: .env gets to know it before the start", async () => {
    const docker = new PlayDocker();
    docker.unshared.add('/nowhere');
    for (const env of ['', 'DOCKER_SOCKET=/nowhere/docker.sock\n'])
      expect(await problems(`${PORTS}${env}`, {}, docker)).toEqual({ error: undefined, warnings: [] });
    // beside an override it is Compose that fills in what .env does not have yet
    docker.unshared.add('/var/run');
    const socket = { type: 'bind', source: '/var/run/docker.sock', target: '/var/run/docker.sock' };
    const { stack } = await playCompose({ services: { 'docker-socket-proxy': { volumes: [socket] } } });
    fillProject(stack.project.folder);
    const { host, compose } = stack.engine;
    const beside = await problems(PORTS, { host, compose }, docker, ownBlueprint(), stack.project.folder);
    expect(beside.error).toBeUndefined();
  });

  test('what the override mounts counts: what has to be there, and what the engine would make by itself', async () => {
    const { stack } = await playCompose({
      services: {
        'airflow-scheduler': {
          volumes: [
            { type: 'bind', source: join(folder, 'made'), target: '/a', bind: { create_host_path: true } },
            { type: 'bind', source: join(folder, 'asked'), target: '/b', bind: {} },
            { type: 'bind', source: join(folder, 'dags'), target: '/c' },
            { type: 'volume', source: 'data', target: '/d' },
          ],
        },
        other: { volumes: [{ type: 'bind', source: join(folder, 'asked'), target: '/b' }] },
        spare: {
          profiles: ['mine'],
          volumes: [{ type: 'bind', source: join(folder, 'spare'), target: '/b' }],
        },
      },
    });
    fillProject(stack.project.folder);
    const { host, compose } = stack.engine;
    const ask = () =>
      problems(PORTS, { host, compose }, new PlayDocker(), ownBlueprint(), stack.project.folder);
    const { error, warnings } = await ask();
    expect(error?.details).toEqual([
      `${join(folder, 'asked')}, which airflow-scheduler mounts, does not exist`,
    ]);
    expect(error?.hints).toEqual(['make it, or correct compose.override.yaml']);
    expect(warnings).toEqual([
      `${join(folder, 'made')}, which airflow-scheduler mounts, does not exist: the engine makes an empty folder of it, which is root's`,
    ]);
    mkdirSync(join(folder, 'asked'));
    mkdirSync(join(folder, 'made'));
    expect(await ask()).toEqual({ error: undefined, warnings: [] });
  });

  test('what is here and not where the engine is would be an empty folder there', async () => {
    const docker = new PlayDocker();
    docker.unshared.add(join(folder, 'dags'));
    const { error } = await problems(PORTS, { host: 'tcp://192.0.2.7:2376' }, docker);
    expect(error?.details).toHaveLength(1);
    expect(error?.details.join()).toMatch(
      /dags, which \S+ mounts, is on this machine, and the engine does not see it: it runs elsewhere/,
    );
    expect(error?.hints.join()).toContain(`share ${folder} with the engine`);
  });
});

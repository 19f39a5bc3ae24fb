import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { containersOf, docker, dockerOk, type Inspected } from './docker.js';

interface Request {
  method: string;
  path: string;
  headers?: Record<string, string>;
  body?: unknown;
}

const { folder } = inject('stack');
const SEND = readFileSync(new URL('./http-from-inside.py', import.meta.url), 'utf8');
/** Nobody's container: a request that gets through is answered 404 by the engine, and breaks nothing. */
const ID = '0'.repeat(64);
let containers = new Map<string, Inspected>();
let worker = '';

beforeAll(async () => {
  containers = await containersOf(folder);
  worker = containers.get('airflow-worker-1')?.Id ?? '';
});

/** Sends the requests to the proxy from inside of a worker. Returns one line each, such as `GET /_ping: 200`. */
async function answers(requests: Request[]): Promise<string[]> {
  const input = JSON.stringify(requests);
  const command = ['exec', '--interactive', worker, 'python', '-c', SEND, 'docker-socket-proxy:2375'];
  const all = JSON.parse(await dockerOk(command, { input })) as { status: number; body: string }[];
  return requests.map(({ method, path }, i) => `${method} ${path}: ${all[i]?.status}`);
}

const parsed = (lines: string[]): Request[] =>
  lines.map((line) => {
    const [method = '', path = ''] = line.split(' ');
    return { method, path };
  });

async function expectForbidden(lines: string[]): Promise<void> {
  expect(await answers(parsed(lines))).toEqual(lines.map((line) => `${line}: 403`));
}

describe('through the socket proxy a task can', () => {
  test('do with the docker library what DockerOperator does', async () => {
    const image = containers.get('airflow-worker-1')?.Config.Image ?? '';
    const output = await dockerOk(['exec', '--env', `IMAGE=${image}`, worker, 'python', '-c', WHOLE_LIFE]);
    expect(JSON.parse(output)).toEqual({
      ping: true,
      images: 1,
      attached: 'out\nerr\n',
      waited: 7,
      logs: 'out\nerr\n',
      running: true,
      stopped: false,
      removed: ['NotFound', 'NotFound'],
    });
  });

  test('ask with and without the version of the API', async () => {
    const lines = ['', '/v1.44', '/v1.45'].flatMap((version) => [
      `GET ${version}/_ping`,
      `GET ${version}/version`,
      `GET ${version}/images/json`,
    ]);
    expect(await answers(parsed(lines))).toEqual(lines.map((line) => `${line}: 200`));
  });

  test('reach the engine with each request that is allowed', async () => {
    const missing = [
      `GET /v1.45/containers/${ID}/json`,
      `GET /v1.45/containers/${ID}/logs?stdout=1`,
      `POST /v1.45/containers/${ID}/start`,
      `POST /v1.45/containers/${ID}/stop?t=1`,
      `POST /v1.45/containers/${ID}/wait`,
      `POST /v1.45/containers/${ID}/attach?stream=1&stdout=1`,
      `DELETE /v1.45/containers/${ID}?force=1`,
    ];
    expect(await answers(parsed(missing))).toEqual(missing.map((line) => `${line}: 404`));
    // a registry that is not there: the engine tried it
    const [pulled] = await answers(parsed(['POST /v1.45/images/create?fromImage=127.0.0.1:1/none&tag=1']));
    expect(pulled).toMatch(/: (404|500)$/);
  });
});

describe('through the socket proxy a task cannot', () => {
  test('run something in a container, copy from one or change it', () =>
    expectForbidden([
      `POST /v1.45/containers/${ID}/exec`,
      `POST /v1.45/exec/${ID}/start`,
      `GET /v1.45/exec/${ID}/json`,
      `GET /v1.45/containers/${ID}/archive?path=/etc/passwd`,
      `HEAD /v1.45/containers/${ID}/archive?path=/etc/passwd`,
      `PUT /v1.45/containers/${ID}/archive?path=/`,
      `GET /v1.45/containers/${ID}/export`,
      `GET /v1.45/containers/${ID}/top`,
      `GET /v1.45/containers/${ID}/changes`,
      `GET /v1.45/containers/${ID}/stats`,
      `GET /v1.45/containers/${ID}/attach/ws`,
      ...['kill', 'rename?name=x', 'update', 'pause', 'unpause', 'restart', 'resize', 'checkpoints'].map(
        (what) => `POST /v1.45/containers/${ID}/${what}`,
      ),
      `POST /v1.45/commit?container=${ID}`,
      'POST /v1.45/containers/prune',
    ]));

  test('list containers, or take one by its name or by half of its id', () => {
    const name = containers.get('postgres-1')?.Config.Labels['com.docker.compose.project'];
    expect(name).toBeTruthy();
    return expectForbidden([
      'GET /v1.45/containers/json',
      'GET /containers/json?all=1',
      `GET /v1.45/containers/${name}-postgres-1/json`,
      `GET /v1.45/containers/${name}-postgres-1/logs?stdout=1`,
      `POST /v1.45/containers/${name}-postgres-1/stop`,
      `DELETE /v1.45/containers/${name}-postgres-1?force=1`,
      `GET /v1.45/containers/${containers.get('postgres-1')?.Id.slice(0, 12)}/json`,
    ]);
  });

  test('build, load, push, tag or remove images, or log in to a registry', () =>
    expectForbidden([
      'POST /v1.45/build',
      'POST /v1.45/build/prune',
      'POST /v1.45/session',
      'POST /v1.45/grpc',
      'POST /v1.45/images/load',
      'POST /v1.45/images/create?fromSrc=http://127.0.0.1:1/x&repo=x',
      'POST /v1.45/images/create?fromImage=&from%53rc=http://127.0.0.1:1/x',
      'GET /v1.45/images/get?names=base',
      'GET /v1.45/images/base/get',
      'GET /v1.45/images/base/json',
      'GET /v1.45/images/base/history',
      'POST /v1.45/images/base/push',
      'POST /v1.45/images/base/tag?repo=x',
      'DELETE /v1.45/images/base',
      'POST /v1.45/images/prune',
      'GET /v1.45/images/search?term=x',
      'GET /v1.45/distribution/base/json',
      'POST /v1.45/auth',
    ]));

  test('see or change anything else of the engine', () =>
    expectForbidden([
      ...['volumes', 'networks', 'secrets', 'configs', 'swarm', 'nodes', 'services', 'tasks', 'plugins'].map(
        (what) => `GET /v1.45/${what}`,
      ),
      ...['volumes/create', 'networks/create', 'secrets/create', 'configs/create', 'services/create'].map(
        (what) => `POST /v1.45/${what}`,
      ),
      'POST /v1.45/volumes/prune',
      'DELETE /v1.45/volumes/x',
      `POST /v1.45/networks/x/connect`,
      'POST /v1.45/swarm/init',
      'GET /v1.45/plugins/privileges?remote=x',
      'POST /v1.45/plugins/pull?remote=x',
      'GET /v1.45/info',
      'GET /v1.45/events',
      'GET /v1.45/system/df',
      'GET /metrics',
      'GET /debug/pprof/',
      'GET /',
    ]));

  test('get there by a detour', () =>
    expectForbidden([
      'GET /containers/../volumes',
      'GET /v1.45/images/json/../../volumes',
      `GET /v1.45/containers/${ID}/logs/../archive`,
      'GET /v1.45/images%2fjson',
      'GET /v1.45/%76olumes',
      'GET /v1.45/images/json%00',
      'GET //volumes',
      'GET /v1.45//volumes',
      'GET //_ping',
      'GET /./_ping',
      'GET /v1.45/images/json/',
      'GET /v1.45/images/json;/../volumes',
      'GET /v1.45/v1.45/_ping',
      'GET /v1/_ping',
      'GET /v1..45/_ping',
      'GET /x/_ping',
      'GET /_pingX',
      'GET /images/jsonX',
      'GET /imagesX/json',
      'POST /containersX/create',
      'POST /containers/createX',
      'POST /containers/create/x',
      'POST /Containers/create',
      'POST /CONTAINERS/CREATE',
      'GET /V1.45/_ping',
      `GET /containers/${ID}0/json`,
      `GET /containers/${ID.replaceAll('0', 'A')}/json`,
      'GET http://docker-socket-proxy:2375/v1.45/volumes',
      'GET http://localhost/volumes?/_ping',
      'GET /volumes?/_ping',
    ]));

  test('use another method on what is allowed', () =>
    expectForbidden([
      ...['HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'get'].map((method) => `${method} /_ping`),
      ...['HEAD', 'POST', 'DELETE'].map((method) => `${method} /v1.45/images/json`),
      'GET /v1.45/images/create?fromImage=x',
      'GET /v1.45/containers/create',
      'PUT /v1.45/containers/create',
      `HEAD /v1.45/containers/${ID}/json`,
      `GET /v1.45/containers/${ID}/start`,
      `GET /v1.45/containers/${ID}`,
      `POST /v1.45/containers/${ID}`,
    ]));

  test('leave HTTP/1 for a protocol that nobody checks', async () => {
    const upgrade = (path: string, method: string, protocol: string): Request => ({
      method,
      path,
      headers: {
        Connection: 'Upgrade, HTTP2-Settings',
        Upgrade: protocol,
        'HTTP2-Settings': 'AAMAAABkAAQAAP__',
      },
    });
    const requests = [
      upgrade('/_ping', 'GET', 'h2c'),
      upgrade('/_ping', 'GET', 'tcp'),
      upgrade(`/v1.45/containers/${ID}/attach`, 'POST', 'h2c'),
      upgrade(`/v1.45/containers/${ID}/attach`, 'POST', 'tcp, h2c'),
    ];
    expect(await answers(requests)).toEqual(requests.map(({ method, path }) => `${method} ${path}: 403`));
    const allowed = upgrade(`/v1.45/containers/${ID}/attach?stream=1`, 'POST', 'tcp');
    expect(await answers([allowed])).toEqual([`POST ${allowed.path}: 404`]);
  });
});

test('the databases and the socket proxy are reachable from what uses them, by name or address, and from nothing else', async () => {
  const ports = { 'postgres-1': 5432, 'redis-1': 6379, 'docker-socket-proxy-1': 2375 };
  const doors = Object.entries(ports).flatMap(([name, port]) => {
    const networks = Object.values(containers.get(name)?.NetworkSettings.Networks ?? {});
    const hosts = [name.replace(/-1$/, ''), ...networks.map((network) => network.IPAddress)];
    return hosts.map((host) => ({ name, host, port }));
  });
  expect(doors).toHaveLength(6);
  const knock = doors
    .map(
      ({ name, host, port }) =>
        `(timeout 3 bash -c 'exec 3<>/dev/tcp/${host}/${port}' && echo ${name}) 2>/dev/null &`,
    )
    .join('\n');

  /** Which of the doors opened, by name and by address, as `docker` with these arguments runs a bash. */
  const open = async (args: string[]) =>
    (await docker([...args, '-c', `${knock}\nwait`])).stdout.split('\n').filter(Boolean).sort();
  const twice = (...names: string[]) => names.flatMap((name) => [name, name]).sort();
  const running = [...containers].filter(([, container]) => container.State.Status === 'running');
  const reached = await Promise.all(
    running.map(async ([name, { Id }]) => [name, await open(['exec', Id, 'bash'])] as const),
  );
  expect(Object.fromEntries(reached)).toEqual({
    'airflow-scheduler-1': twice('postgres-1', 'redis-1'),
    'airflow-triggerer-1': twice('postgres-1'),
    'airflow-webserver-1': twice('postgres-1'),
    'airflow-worker-1': twice('docker-socket-proxy-1', 'postgres-1', 'redis-1'),
    'airflow-worker-2': twice('docker-socket-proxy-1', 'postgres-1', 'redis-1'),
    'docker-socket-proxy-1': twice('docker-socket-proxy-1'),
    'postgres-1': twice('postgres-1'),
    'proxy-1': [],
    'redis-1': twice('redis-1'),
  });
  // the container of a task, where DockerOperator puts it by default
  const image = containers.get('airflow-worker-1')?.Config.Image ?? '';
  expect(await open(['run', '--rm', '--entrypoint', 'bash', image])).toEqual([]);
});

const WHOLE_LIFE = `
import json, os
from docker import APIClient
from docker.errors import NotFound

client = APIClient(base_url=os.environ["DOCKER_HOST"], version="auto")
image = os.environ["IMAGE"]

def create(command):
    return client.create_container(image=image, entrypoint=["bash", "-c"], command=[command], network_disabled=True)["Id"]

def inspect(one):
    try:
        return client.inspect_container(one)["State"]["Running"]
    except NotFound as error:
        return type(error).__name__

result = {"ping": client.ping(), "images": len(client.images(name=image))}
short = create("echo out; sleep 0.3; echo err >&2; exit 7")
stream = client.attach(short, stdout=True, stderr=True, stream=True)
client.start(short)
result["attached"] = b"".join(stream).decode()
result["waited"] = client.wait(short)["StatusCode"]
result["logs"] = client.logs(short).decode()
long = create("sleep 600")
client.start(long)
result["running"] = inspect(long)
client.stop(long, timeout=0)
result["stopped"] = inspect(long)
client.remove_container(short)
client.remove_container(long, force=True)
result["removed"] = [inspect(short), inspect(long)]
print(json.dumps(result))
`;

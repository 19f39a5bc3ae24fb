import { once } from 'node:events';
import { type AddressInfo, createServer, type ListenOptions } from 'node:net';
import { execa } from 'execa';
import { describe, expect, onTestFinished, test } from 'vitest';
import { foldedWanted, type Wanted } from '../../../src/stack/observe/wanted.js';
import { portOwner, rivalOf, wantedPorts } from '../../../src/stack/up/published-ports.js';
import { ownBlueprint } from '../../catalog/play-catalog.js';
import { freePort } from '../../free-port.js';
import { PlayDocker } from '../play-docker.js';
import { playProject } from '../play-project.js';

const wanted = (profiles: string[], env = '') =>
  wantedPorts(foldedWanted({ project: playProject(env), blueprint: ownBlueprint() }, profiles));

describe('the ports that a stack wants', () => {
  test('are those of the services that start', () => {
    expect(wanted([])).toEqual([
      {
        service: 'airflow-webserver',
        address: '127.0.0.1',
        port: 8080,
        target: 8080,
        variable: 'AIRFLOW_WEB_PORT',
      },
      { service: 'proxy', address: '127.0.0.1', port: 80, target: 80, variable: 'PROXY_PORT' },
    ]);
    expect(wanted(['flower']).map((one) => one.port)).toContain(5555);
  });

  test('follow .env', () => {
    expect(wanted([], 'PROXY_PORT=8088\nGATHER_BIND=0.0.0.0\n')).toContainEqual({
      service: 'proxy',
      address: '0.0.0.0',
      port: 8088,
      target: 80,
      variable: 'PROXY_PORT',
    });
  });
});

describe('who in the stack wants the same port', () => {
  const port = (service: string, address: string) => ({
    service,
    address,
    port: 80,
    target: 80,
    variable: undefined,
  });
  const clash = (replicas: Record<string, number>, ...ports: ReturnType<typeof port>[]) => {
    const { one, all } = { one: ports.at(-1), all: ports };
    return one && rivalOf(one, all, { replicas } as Wanted);
  };

  test('is another service on the same address, told once', () => {
    const [a, b] = [port('a', '127.0.0.1'), port('b', '127.0.0.1')];
    expect(clash({}, a, b)).toBe('a and by b');
    expect(clash({}, b, a)).toBeUndefined();
    expect(clash({}, a, port('b', '::1'))).toBeUndefined();
    expect(clash({}, a, port('b', ''))).toBe('a and by b');
  });

  test('are the containers of a service that has several', () => {
    expect(clash({ a: 2 }, port('a', ''))).toBe('2 containers of a');
  });
});

/** Another process, which listens at 127.0.0.1 until it is ended. */
const LISTENS = `import socket, sys, time
s = socket.create_server(('127.0.0.1', int(sys.argv[1])))
print('listens', flush=True)
time.sleep(60)`;

async function open(options: ListenOptions) {
  const server = createServer().listen(options);
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  return server;
}

describe('the owner of a port', () => {
  const on = (port: number) => ({
    service: 'proxy',
    address: '127.0.0.1',
    port,
    target: 80,
    variable: 'PROXY_PORT',
  });
  async function listening(): Promise<number> {
    const server = createServer();
    onTestFinished(() => void server.close());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as { port: number }).port;
  }

  test('is nobody, or the stack itself', async () => {
    const docker = new PlayDocker();
    expect(await portOwner(docker.client, 'play', on(await freePort()))).toBeUndefined();
    const port = await listening();
    docker.create('proxy', { ports: [port] });
    expect(await portOwner(docker.client, 'play', on(port))).toBeUndefined();
  });

  test('is the stack itself when its container comes back while somebody looks', async () => {
    const docker = new PlayDocker();
    const port = await listening();
    const looked = portOwner(docker.client, 'play', on(port));
    // the first look has found nothing by then
    setTimeout(() => docker.create('proxy', { ports: [port] }), 100);
    expect(await looked).toBeUndefined();
  });

  test('of an IPv6 address is asked for on that one', async () => {
    const docker = new PlayDocker();
    const port = await listening();
    const inner = { service: 'proxy', address: '::1', port, target: 80, variable: undefined };
    // a machine without IPv6 says so
    expect(await portOwner(docker.client, 'play', inner)).toBeOneOf([
      undefined,
      'nobody: this machine has no address ::1',
    ]);
    docker.create('web', { ports: [port], project: 'other' });
    expect(await portOwner(docker.client, 'play', inner)).toBeOneOf([
      undefined,
      'nobody: this machine has no address ::1',
    ]);
    expect(await portOwner(docker.client, 'play', { ...inner, address: '' })).toContain('the stack other');
  });

  test('is nobody where the machine does not have the address', async () => {
    const elsewhere = { ...on(await freePort()), address: '192.0.2.7' };
    expect(await portOwner(new PlayDocker().client, 'play', elsewhere)).toBe(
      'nobody: this machine has no address 192.0.2.7',
    );
  });

  test("is another stack's service, with its folder", async () => {
    const docker = new PlayDocker();
    docker.create('web', { ports: [8080], project: 'other' });
    expect(await portOwner(docker.client, 'play', on(8080))).toBe(
      'service web of the stack other in /home/me/other',
    );
  });

  test('is a container that no stack has', async () => {
    const docker = new PlayDocker();
    docker.create('lonely', { ports: [8080], project: '' });
    expect(await portOwner(docker.client, 'play', on(8080))).toBe('the container -lonely-1');
  });

  test('is a process at the same address, and not one at another', async () => {
    if (process.platform !== 'linux') return;
    const other = await open({ host: '127.0.0.2', port: 0 });
    const { port } = other.address() as AddressInfo;
    const child = execa('python3', ['-c', LISTENS, String(port)], { reject: false });
    onTestFinished(() => void child.kill());
    await once(child.stdout, 'data');
    const owner = (address: string) => portOwner(new PlayDocker().client, 'play', { ...on(port), address });
    expect(await owner('127.0.0.1')).toBe(`process ${child.pid} (python3)`);
    expect(await owner('127.0.0.2')).toContain(`process ${process.pid} (`);
    expect(await owner('127.0.0.3')).toBeUndefined();
    expect(await owner('0.0.0.0')).toMatch(/^process /);
  });

  test('is a process, with its id where the system tells it', async () => {
    const port = await listening();
    const known = process.platform === 'linux' ? `process ${process.pid} \\(.+\\)` : 'another program';
    expect(await portOwner(new PlayDocker().client, 'play', on(port))).toMatch(new RegExp(`^${known}$`));
  });
});

import { createServer } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { lookupIn } from '../../../src/catalog/lookup.js';
import { shapeOf } from '../../../src/stack/observe/shape.js';
import { portOwner, wantedPorts } from '../../../src/stack/up/published-ports.js';
import { ownBlueprint } from '../../catalog/play-catalog.js';
import { PlayDocker } from '../play-docker.js';

const blueprint = ownBlueprint();
const wanted = (profiles: string[], values: Record<string, string> = {}) =>
  wantedPorts(
    blueprint,
    shapeOf(blueprint, profiles),
    lookupIn(blueprint.variables, (name) => values[name]),
  );

describe('the ports that a stack wants', () => {
  test('are those of the services that start', () => {
    expect(wanted([])).toEqual([
      { service: 'airflow-webserver', address: '127.0.0.1', port: 8080, variable: 'AIRFLOW_WEB_PORT' },
      { service: 'proxy', address: '127.0.0.1', port: 80, variable: 'PROXY_PORT' },
    ]);
    expect(wanted(['flower']).map((one) => one.port)).toContain(5555);
  });

  test('follow .env', () => {
    expect(wanted([], { PROXY_PORT: '8088', GATHER_BIND: '0.0.0.0' })).toContainEqual({
      service: 'proxy',
      address: '0.0.0.0',
      port: 8088,
      variable: 'PROXY_PORT',
    });
  });
});

describe('the owner of a port', () => {
  const on = (port: number) => ({ service: 'proxy', address: '127.0.0.1', port, variable: 'PROXY_PORT' });
  async function listening(): Promise<number> {
    const server = createServer();
    onTestFinished(() => void server.close());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as { port: number }).port;
  }
  async function freePort(): Promise<number> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    await new Promise((resolve) => server.close(resolve));
    return port;
  }

  test('is nobody, or the stack itself', async () => {
    const docker = new PlayDocker();
    expect(await portOwner(docker.client, 'play', on(await freePort()))).toBeUndefined();
    const port = await listening();
    docker.create('proxy', { ports: [port] });
    expect(await portOwner(docker.client, 'play', on(port))).toBeUndefined();
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

  test('is a process, with its id where the system tells it', async () => {
    const port = await listening();
    const known = process.platform === 'linux' ? `process ${process.pid} \\(.+\\)` : 'another program';
    expect(await portOwner(new PlayDocker().client, 'play', on(port))).toMatch(new RegExp(`^${known}$`));
  });
});

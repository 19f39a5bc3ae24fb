import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { restOf } from '../../../src/airflow/dags/dags.js';
import { lookupOf } from '../../../src/catalog/lookup.js';
import { linksOf } from '../../../src/render/project-files.js';
import { s3ServerOf } from '../../../src/stack/objects/server.js';
import { portsOf } from '../../../src/stack/observe/ports.js';
import { askReach, Reach } from '../../../src/stack/observe/reach.js';
import { openProject } from '../../../src/stack/open.js';
import { playTools } from '../../commands/play-tools.js';
import { playEngine } from '../../unit-engine/play-engine.js';
import { emptyFolder, HOME } from '../objects/play-s3.js';

/** `web: ['127.0.0.1:8080:8080']` as a stack's ports. */
const ports = (services: Record<string, string[]>) =>
  Object.fromEntries(
    Object.entries(services).map(([name, entries]) => [name, portsOf(name, entries, () => undefined)]),
  );
const WRITTEN = { web: ['127.0.0.1:8080:80', '127.0.0.1:8081:81'], other: ['127.0.0.1:9000:9000'] };
const reach = (real: Record<string, string[]>, written: Record<string, string[]> = WRITTEN) =>
  new Reach(ports(written), ports(real));

describe('an address that a component writes', () => {
  test('stays as long as what it leads to is published there, too', () => {
    const same = reach({ ...WRITTEN, web: ['9090:80', '127.0.0.1:8080:80'] });
    expect(same.to('http://localhost:8080/a?b')).toBe('http://localhost:8080/a?b');
    expect(reach({ web: ['8080:80'] }).to('http://localhost:8080/')).toBe('http://localhost:8080/');
  });

  test('follows the port that leads to the same place in the same service', () => {
    const moved = reach({ web: ['9091:81', '9090:80'], other: ['8080:9000'] });
    expect(moved.to('http://localhost:8080/a?b#c')).toBe('http://localhost:9090/a?b#c');
    expect(moved.to('http://127.0.0.1:8081/')).toBe('http://127.0.0.1:9091/');
    expect(moved.to('http://127.0.0.1:9000/')).toBe('http://127.0.0.1:8080/');
  });

  test('follows the address, too', () => {
    expect(reach({ web: ['127.0.0.2:80:80'] }).to('http://localhost:8080/')).toBe('http://127.0.0.2/');
    expect(reach({ web: ['[::1]:8080:80'] }).to('http://127.0.0.1:8080/')).toBe('http://[::1]:8080/');
  });

  test('may be of a host of its own at the proxy', () => {
    const moved = reach({ web: ['9090:80'] });
    expect(moved.to('http://trino.localhost:8080/ui')).toBe('http://trino.localhost:9090/ui');
    expect(moved.to('http://trino.localhost:8080')).toBe('http://trino.localhost:9090');
  });

  test('leads nowhere once nothing is published for it', () => {
    expect(reach({ web: [] }).to('http://localhost:8080/')).toBeUndefined();
    expect(reach({}).to('http://localhost:8080/')).toBeUndefined();
  });

  test('is as it is where it is of no service of the stack', () => {
    expect(reach({}).to('http://localhost:7000/')).toBe('http://localhost:7000/');
    expect(reach({}).to('https://s3.example:8080')).toBe('https://s3.example:8080');
  });

  test('without a number is that of its scheme', () => {
    const written = { web: ['127.0.0.1:80:80'] };
    expect(reach({ web: ['9090:80'] }, written).to('http://localhost/')).toBe('http://localhost:9090/');
    expect(reach({ web: ['9090:80'] }, written).to('https://localhost/')).toBe('https://localhost/');
  });
});

test('a service is called where its first port is now', () => {
  expect(reach(WRITTEN).toService('web')).toBe('http://127.0.0.1:8080');
  expect(reach({ web: ['127.0.0.2:90:80'] }).toService('web')).toBe('http://127.0.0.2:90');
  expect(() => reach({ web: [] }).toService('web')).toThrow(/web publishes no port/);
  expect(() => reach({}, {}).toService('web')).toThrow(/web publishes no port/);
});

describe('with an override that publishes elsewhere', () => {
  const MERGED = {
    services: {
      'airflow-webserver': {
        ports: [{ mode: 'ingress', target: 8080, published: '${OTHER:-47391}', protocol: 'tcp' }],
      },
      proxy: { ports: [{ mode: 'ingress', host_ip: '127.0.0.2', target: 80, published: '47392' }] },
      minio: { ports: ['47393:9000'] },
    },
  };

  /** A project whose override makes this of the stack, with an engine and a Compose of its own. */
  async function overridden(merged: object | undefined) {
    const folder = emptyFolder();
    const { host, close } = await playEngine(folder);
    onTestFinished(close);
    const tools = playTools(folder);
    const compose = join(folder, '.docker/cli-plugins/docker-compose');
    writeFileSync(
      compose,
      `#!${process.execPath}
if (process.argv[2] === 'version') console.log('2.29.7');
else if (${merged !== undefined}) console.log(${JSON.stringify(JSON.stringify(merged))});
else process.exitCode = 15;
`,
    );
    chmodSync(compose, 0o755);
    for (const [name, value] of Object.entries({ ...tools, DOCKER_HOST: host })) vi.stubEnv(name, value);
    onTestFinished(() => void vi.unstubAllEnvs());
    const project = join(folder, 'project');
    mkdirSync(project);
    writeFileSync(join(project, 'gather.yaml'), 'topology: clever-cloud\nairflow: 2.11.2\n');
    writeFileSync(join(project, 'compose.override.yaml'), 'services: {}\n');
    writeFileSync(
      join(project, '.env'),
      '_AIRFLOW_WWW_USER_USERNAME=ada\n_AIRFLOW_WWW_USER_PASSWORD=x\nMINIO_ROOT_USER=a\nMINIO_ROOT_PASSWORD=b\n',
    );
    return openProject(project, HOME);
  }

  test('Airflow, the links and the S3 server are asked for there', async () => {
    const open = await overridden(MERGED);
    expect((await restOf(open)).base).toBe('http://127.0.0.1:47391');
    const there = await askReach(open, undefined);
    const links = linksOf(open.blueprint, lookupOf(open.blueprint, open.project.env), {
      follow: (address) => there.to(address),
    });
    expect(links.Airflow).toBe('http://127.0.0.2:47392/');
    expect(s3ServerOf(open, there).endpoint).toBe('http://127.0.0.1:47393');
  });

  test('where Compose cannot read it, what the components say counts', async () => {
    const open = await overridden(undefined);
    expect((await restOf(open)).base).toBe('http://127.0.0.1:8080');
  });
});

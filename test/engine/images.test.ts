import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { containersOf, docker, dockerOk, replaced } from './docker.js';
import { emptyFolder, gather, gatherJson, gatherOk } from './gather.js';
import { marksIn, occurrences } from './marks.js';
import { type PackageIndex, startPackageIndex } from './package-index.js';
import { buildRegistry, REGISTRY_IMAGE, type Registry, startRegistry } from './registry.js';

const stack = inject('stack');
const cwd = stack.folder;
const AIRFLOW = [
  'airflow-scheduler-1',
  'airflow-triggerer-1',
  'airflow-webserver-1',
  'airflow-worker-1',
  'airflow-worker-2',
];
const PACKAGE = `gather-test-${randomBytes(4).toString('hex')}`;
/** Something that is nowhere else, so that wherever it is found it came from here. */
const mark = (what: string) => `${what}${randomBytes(12).toString('hex')}`;
const MARKS = { login: mark('login'), netrc: mark('netrc'), authority: mark('authority') };
const SECRETS = Object.values(MARKS);

const envValue = async (name: string, folder = cwd) =>
  (await gatherJson<{ value: string }>(['env', 'get', name], { cwd: folder })).value;

describe('requirements.txt of a stack that runs', () => {
  const file = join(cwd, 'requirements.txt');
  const original = readFileSync(file, 'utf8');
  const secretsFolder = emptyFolder('build-secrets');
  let index: PackageIndex;

  beforeAll(async () => {
    index = await startPackageIndex(PACKAGE, '1.2.3', { username: 'someone', password: MARKS.login });
    writeFileSync(
      join(secretsFolder, 'netrc'),
      `machine packages.example.test login someone password ${MARKS.netrc}\n`,
    );
    const authorities = process.env.SSL_CERT_FILE ?? '/etc/ssl/certs/ca-certificates.crt';
    writeFileSync(
      join(secretsFolder, 'ca.pem'),
      `${readFileSync(authorities, 'utf8')}\n# ${MARKS.authority}\n`,
    );
  });
  afterAll(async () => {
    await index.stop();
    rmSync(secretsFolder, { recursive: true });
    writeFileSync(file, original);
    await gatherOk(['up'], { cwd });
  });

  test('with a package that nobody has: the package is named, and everything stays as it was', async () => {
    const before = await containersOf(cwd);
    const env = readFileSync(join(cwd, '.env'), 'utf8');
    writeFileSync(file, `${original}\n${PACKAGE}-nowhere==9.9\n`);
    const { code, stderr } = await gather(['up'], { cwd });
    expect(code).toBe(1);
    expect(stderr).toMatch(new RegExp(`error: the image airflow cannot be built.*${PACKAGE}-nowhere`));
    expect(stderr).toContain('requirements.txt');
    expect(readFileSync(join(cwd, '.env'), 'utf8') === env).toBe(true);
    expect(replaced(before, await containersOf(cwd))).toEqual([]);
    expect((await gather(['status'], { cwd })).code).toBe(0);
  });

  test("with a package of the company's own index: the services of Airflow have it, databases are left alone", async () => {
    const before = await containersOf(cwd);
    writeFileSync(file, `${original}\n${PACKAGE}==1.2.3\n`);
    const env = {
      PIP_EXTRA_INDEX_URL: index.pythonUrl,
      NETRC: join(secretsFolder, 'netrc'),
      SSL_CERT_FILE: join(secretsFolder, 'ca.pem'),
    };
    const up = await gatherOk(['up'], { cwd, env });
    expect(index.served).toContain(`/simple/${PACKAGE}/`);
    // Compose also replaces the proxy, which waits for Airflow's one-shot
    expect(replaced(before, await containersOf(cwd))).toEqual([...AIRFLOW, 'proxy-1']);
    const program = `import ${PACKAGE.replaceAll('-', '_')} as package; print(package.version)`;
    const { stdout } = await gatherOk(['exec', 'airflow-worker', '--', 'python', '-c', program], { cwd });
    expect(stdout.trim()).toBe('1.2.3');
    expect(occurrences([up.stdout, up.stderr, readFileSync(join(cwd, '.env'), 'utf8')], SECRETS)).toBe(0);
  });

  test('the logins and the authorities of the build are nowhere in the image', async () => {
    expect(await marksIn(await envValue('AIRFLOW_IMAGE'), 'version = "1.2.3"', SECRETS)).toBe(0);
  });
});

describe('a registry of the company', () => {
  const NAMES = {
    POSTGRES_IMAGE: 'postgres:14',
    REDIS_IMAGE: 'library/redis:7.2',
    SOCKET_PROXY_IMAGE: 'haproxy:2.8',
    PROXY_IMAGE: 'nginx:1.26',
    AIRFLOW_IMAGE: 'apache/airflow:slim-2.11.2-python3.12',
  };
  const folders: string[] = [];
  const pushed: string[] = [];
  let index: PackageIndex;
  let registry: Registry;

  /** A project of its own, which knows no image yet. */
  const projectWith = async (settings: string) => {
    const folder = emptyFolder('registry');
    folders.push(folder);
    await gatherOk(['init', '--yes'], { cwd: folder });
    writeFileSync(join(folder, 'gather.yaml'), `topology: celery\n${settings}`);
    return folder;
  };

  beforeAll(async () => {
    index = await startPackageIndex(PACKAGE, '1.2.3', { username: 'someone', password: MARKS.login });
    const images = (await dockerOk(['images', '--format', '{{.Repository}}:{{.Tag}}'])).split('\n');
    const base = images.find((name) => name.startsWith('localhost/gather/base:')) ?? '';
    process.env.GATHER_APT_MIRROR = index.debianUrl;
    try {
      // another file system each time, so that apt really runs and no step comes from the cache
      const dockerfile = `FROM ${base}\nRUN echo ${PACKAGE} > /gather-test\n`;
      await dockerOk(['build', '--quiet', '--tag', 'localhost/gather-test/base', '-'], { input: dockerfile });
      await buildRegistry('localhost/gather-test/base');
    } finally {
      delete process.env.GATHER_APT_MIRROR;
    }
    registry = await startRegistry();
  });
  afterAll(async () => {
    await registry.stop();
    await index.stop();
    for (const image of [...pushed, REGISTRY_IMAGE, 'localhost/gather-test/base'])
      await docker(['rmi', image]);
    for (const folder of folders) rmSync(folder, { recursive: true });
  });

  test("apt used the company's mirror, and its login is nowhere in the image", async () => {
    expect(index.served.some((path) => path.endsWith('.deb') && path.includes('docker-registry'))).toBe(true);
    expect(await marksIn(REGISTRY_IMAGE, '/var/lib/docker-registry', SECRETS)).toBe(0);
  });

  test('gives out every image of the stack', async () => {
    // a path of its own each time: an engine that was started anew gives the registry the port of an earlier run again
    const mirror = `mirror-${Date.now()}`;
    const own = async (name: string) => (name === 'AIRFLOW_IMAGE' ? airflowBase() : envValue(name));
    for (const [variable, name] of Object.entries(NAMES)) {
      const image = `${registry.host}/${mirror}/docker.io/${name}`;
      await dockerOk(['tag', await own(variable), image]);
      await dockerOk(['push', '--quiet', image]);
      await dockerOk(['rmi', image]);
      pushed.push(image);
    }
    const folder = await projectWith(`registry: ${registry.host}/${mirror}/docker.io\nimages: registry\n`);
    const images = await gatherJson<Record<string, string>>(['images', 'build'], { cwd: folder });
    const { AIRFLOW_IMAGE, ...others } = images;
    const { AIRFLOW_IMAGE: _, ...wanted } = Object.fromEntries(
      Object.entries(NAMES).map(([variable], i) => [variable, pushed[i]]),
    );
    expect(others).toEqual(wanted);
    pushed.push(AIRFLOW_IMAGE ?? '');
    expect(AIRFLOW_IMAGE).toMatch(/^localhost\/gather\/airflow:2\.11\.2-/);
    const log = await registry.log();
    for (const name of Object.values(NAMES)) {
      const [path, tag] = name.split(/:(?=[^:]+$)/);
      // HEAD is enough where the engine knows the manifest already
      const asked = new RegExp(`(GET|HEAD) /v2/${mirror}/docker\\.io/${path}/manifests/(${tag}|sha256:)`);
      expect(asked.test(log), name).toBe(true);
    }
    // Compose, too, sees these names
    const config = await dockerOk(['compose', 'config', '--images'], { cwd: folder });
    expect(config.split('\n')).toEqual(expect.arrayContaining(Object.values(images)));
    const list = await gatherJson<{ present: boolean }[]>(['images'], { cwd: folder });
    expect(list.map((row) => row.present)).toEqual([true, true, true, true, true]);
  });

  test('that does not answer is a clear error when images come from a registry only', async () => {
    const folder = await projectWith('registry: 127.0.0.1:1/nobody\nimages: registry\n');
    const { code, stderr } = await gather(['images', 'build'], { cwd: folder });
    expect(code).toBe(1);
    expect(stderr).toMatch(/no registry gives out 127\.0\.0\.1:1\/nobody\/\S+/);
    expect(stderr).toContain('connection refused');
    expect(stderr).toContain('images: packages');
  });

  test('that does not answer is no obstacle when images may be built, too', async () => {
    const folder = await projectWith('registry: 127.0.0.1:1/nobody\nimages: auto\n');
    const image = await envValue('SOCKET_PROXY_IMAGE');
    await dockerOk(['tag', image, 'localhost/gather-test/kept']);
    await dockerOk(['rmi', image]);
    try {
      const { stderr } = await gatherOk(['images', 'build'], { cwd: folder });
      expect(stderr).toContain('127.0.0.1:1/nobody');
      expect(await envValue('SOCKET_PROXY_IMAGE', folder)).toBe(image);
      expect((await docker(['image', 'inspect', image])).code).toBe(0);
    } finally {
      await docker(['tag', 'localhost/gather-test/kept', image]);
      await dockerOk(['rmi', 'localhost/gather-test/kept']);
    }
  });
});

/** gather's own stand-in for apache/airflow, without a project's packages. */
async function airflowBase(): Promise<string> {
  const images = (await dockerOk(['images', '--format', '{{.Repository}}:{{.Tag}}'])).split('\n');
  return (
    images.find((name) => name.startsWith('localhost/gather/airflow-base:2.11.2-')) ??
    expect.fail('no airflow image')
  );
}

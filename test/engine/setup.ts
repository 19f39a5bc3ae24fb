import { existsSync, rmSync } from 'node:fs';
import { execa } from 'execa';
import type { TestProject } from 'vitest/node';
import { BROWSER } from './browser.js';
import { emptyFolder, gather, gatherJson, gatherOk, HOME, ODD } from './gather.js';

/** A stack that many tests use and none may break: odd passwords everywhere, ports of its own. */
export interface SharedStack {
  folder: string;
  proxyUrl: string;
  webUrl: string;
  username: string;
  password: string;
}

declare module 'vitest' {
  export interface ProvidedContext {
    stack: SharedStack;
  }
}

/** A fresh machine has no browser: root on Debian gets the one that the distribution has. */
async function installBrowser(): Promise<void> {
  if (existsSync(BROWSER) || process.getuid?.() !== 0) return;
  const install = [
    'apt-get',
    'install',
    '-y',
    '-q',
    '--no-install-recommends',
    '-o',
    'DPkg::Lock::Timeout=300',
    'chromium',
  ];
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const [command = '', ...args] = install;
  if ((await execa(command, args, { env, reject: false })).exitCode === 0) return;
  await execa('apt-get', ['update', '-q']);
  await execa(command, args, { env });
}

/** An engine (the user's, else the managed one), the images, and one shared stack. What was started is stopped in the end. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await execa('npm', ['run', 'build'], { cwd: HOME });
  // beside the engine and the images, which mostly wait for the network
  const browser = installBrowser();
  const engineWasThere = (await gather(['engine', 'status'], { cwd: HOME })).code === 0;
  if (!engineWasThere) await gatherOk(['engine', 'start'], { cwd: HOME });
  // the tests call docker and compose by hand, as a user could after `eval "$(gather engine env)"`
  Object.assign(process.env, await gatherJson<Record<string, string>>(['engine', 'env'], { cwd: HOME }));

  const folder = emptyFolder('shared');
  const settings = {
    AF_PASS: ODD.airflowPassword,
    PG_PASS: ODD.postgresPassword,
    REDIS_PASS: ODD.redisPassword,
    _AIRFLOW_WWW_USER_PASSWORD: ODD.webPassword,
    _AIRFLOW_WWW_USER_USERNAME: 'admin',
  };
  await gatherOk(
    ['init', '--yes', ...Object.entries(settings).flatMap(([name, value]) => ['--set', `${name}=${value}`])],
    { cwd: folder },
  );
  const up = await gatherJson<{ links: Record<string, string> }>(['up', '--yes', '--timeout', '300'], {
    cwd: folder,
  });
  const env = await gatherJson<{ value: string }>(['env', 'get', 'POSTGRES_IMAGE'], { cwd: folder });
  const webPort = await gatherJson<{ value: string }>(['env', 'get', 'AIRFLOW_WEB_PORT'], { cwd: folder });
  process.env.GATHER_TEST_POSTGRES_IMAGE = env.value;
  await browser;
  project.provide('stack', {
    folder,
    proxyUrl: up.links.Airflow?.replace(/\/$/, '') ?? '',
    webUrl: `http://localhost:${webPort.value}`,
    username: 'admin',
    password: ODD.webPassword,
  });

  return async () => {
    await gatherOk(['down', '--volumes', '--yes'], { cwd: folder });
    rmSync(folder, { recursive: true, force: true });
    if (!engineWasThere) await gatherOk(['engine', 'stop'], { cwd: HOME });
  };
}

import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import type { TestProject } from 'vitest/node';
import { BROWSER } from './browser.js';
import { emptyFolder, gather, gatherJson, gatherOk, HOME, ODD } from './gather.js';
import { initLake } from './lake.js';

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

/** What the tests use beside the product: a browser, the shells whose completion is tested, and git. */
const PROGRAMS = { chromium: BROWSER, zsh: '/usr/bin/zsh', fish: '/usr/bin/fish', git: '/usr/bin/git' };

/** A fresh machine has none of them: root on Debian gets those that the distribution has. */
async function installPrograms(): Promise<void> {
  const missing = Object.entries(PROGRAMS).flatMap(([name, path]) => (existsSync(path) ? [] : [name]));
  if (missing.length === 0) return;
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const options = ['-y', '-q', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300'];
  const install = () => execa('apt-get', ['install', ...options, ...missing], { env, reject: false });
  if ((await install()).exitCode === 0) return;
  await execa('apt-get', ['update', '-q'], { reject: false });
  const { exitCode, stderr } = await install();
  if (exitCode !== 0)
    throw new Error(`the tests need ${missing.join(', ')}, which apt-get does not install:\n${stderr}`);
}

/** An engine (the user's, else the managed one), the images, and one shared stack. What was started is stopped in the end. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await execa('npm', ['run', 'build'], { cwd: HOME });
  await installPrograms();
  const engineWasThere = (await gather(['engine', 'status'], { cwd: HOME })).code === 0;
  if (!engineWasThere) await gatherOk(['engine', 'start'], { cwd: HOME });
  // the tests call docker and compose by hand, as a user could after `eval "$(gather engine env)"`
  Object.assign(process.env, await gatherJson<Record<string, string>>(['engine', 'env'], { cwd: HOME }));

  const folder = emptyFolder('shared');
  let slowImages: SlowImages | undefined;
  const cleanUp = async () => {
    try {
      await slowImages?.stop();
      await gatherOk(['down', '--volumes', '--yes'], { cwd: folder });
      rmSync(folder, { recursive: true, force: true });
    } finally {
      if (!engineWasThere) await gatherOk(['engine', 'stop'], { cwd: HOME });
    }
  };
  try {
    project.provide('stack', await bootSharedStack(folder));
    slowImages = await buildSlowImages();
  } catch (error) {
    await cleanUp();
    throw error;
  }
  return cleanUp;
}

async function bootSharedStack(folder: string): Promise<SharedStack> {
  const settings = {
    AF_PASS: ODD.airflowPassword,
    PG_PASS: ODD.postgresPassword,
    REDIS_PASS: ODD.redisPassword,
    _AIRFLOW_WWW_USER_PASSWORD: ODD.webPassword,
    _AIRFLOW_WWW_USER_USERNAME: 'admin',
  };
  const set = Object.entries(settings).flatMap(([name, value]) => ['--set', `${name}=${value}`]);
  await gatherOk(['init', '--yes', ...set], { cwd: folder });
  const up = await gatherJson<{ links: Record<string, string> }>(['up', '--yes', '--timeout', '300'], {
    cwd: folder,
  });
  const value = async (name: string) =>
    (await gatherJson<{ value: string }>(['env', 'get', name], { cwd: folder })).value;
  process.env.GATHER_TEST_POSTGRES_IMAGE = await value('POSTGRES_IMAGE');
  return {
    folder,
    proxyUrl: up.links.Airflow?.replace(/\/$/, '') ?? '',
    webUrl: `http://localhost:${await value('AIRFLOW_WEB_PORT')}`,
    username: 'admin',
    password: ODD.webPassword,
  };
}

interface SlowImages {
  stop(): Promise<void>;
}

/**
 * Has the images built that take minutes (MinIO's Go compiler, Trino's download and its archive of classes) while the tests run that
 * need none of them; sequencer.ts puts the others last. A build that fails is built again where it is needed, and told of there.
 */
async function buildSlowImages(): Promise<SlowImages> {
  const folders = [emptyFolder('slow-images'), emptyFolder('slow-images-lake')] as const;
  await gatherOk(['init', '--yes', '--topology', 'git-sync', '--airflow', '3'], { cwd: folders[0] });
  await initLake(folders[1]);
  const stop = new AbortController();
  const line = [join(HOME, 'dist/main.js'), 'images', 'build'];
  const build = async () => {
    for (const cwd of folders)
      await execa('node', line, { cwd, reject: false, stdio: 'ignore', cancelSignal: stop.signal });
  };
  const builds = build();
  return {
    async stop() {
      stop.abort();
      await builds;
      for (const folder of folders) rmSync(folder, { recursive: true, force: true });
    },
  };
}

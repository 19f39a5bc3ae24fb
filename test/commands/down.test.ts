import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { init } from '../../src/setup/init.js';
import { playEngine } from '../unit-engine/play-engine.js';
import { HOME, play } from './play-command.js';
import { playTools } from './play-tools.js';

/** Of Compose, what it makes of a `down` while `.env` has no image. */
const COMPOSE = `#!/bin/sh
case "$*" in
  version*) echo 2.29.7 ;;
  *) echo 'required variable AIRFLOW_IMAGE is missing a value: gather up builds it' >&2; exit 1 ;;
esac
`;

let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'gather-down-'));
  for (const [name, value] of Object.entries(playTools(home))) vi.stubEnv(name, value);
  writeFileSync(join(home, '.docker/cli-plugins/docker-compose'), COMPOSE);
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true });
});

/** A project that was never booted. */
async function newProject(name: string): Promise<string> {
  const folder = join(home, name);
  const choices = {
    topology: 'celery',
    set: new Map(),
    rotate: new Set<string>(),
    rederive: new Set<string>(),
  };
  await init({ folder, compose: join(HOME, 'compose'), examples: HOME, ...choices });
  return folder;
}

/** `gather down` with an engine that has these containers, whoever's. */
async function down(folder: string, line = 'down', containers: object[] = []) {
  const engine = await playEngine(home, { containers });
  vi.stubEnv('DOCKER_HOST', engine.host);
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  try {
    return await play(line, folder, new AbortController().signal);
  } finally {
    write.mockRestore();
    await engine.close();
  }
}

const container = (folder: string) => ({
  Id: 'c1',
  Image: 'i:1',
  State: 'running',
  Status: 'Up 3 seconds',
  Ports: [],
  Labels: { 'com.docker.compose.service': 'redis', 'com.docker.compose.project.working_dir': folder },
});

test.each(['down', 'down --volumes --yes'])(
  '%s of a project that was never booted has nothing to do',
  async (line) => {
    expect(await down(await newProject('never'), line)).toEqual({ code: 'ok', exitCode: 0, message: '' });
  },
);

test('where something of it is there, Compose is asked', async () => {
  const folder = await newProject('booted');
  expect(await down(folder, 'down', [container(folder)])).toMatchObject({
    code: 'COMMAND_FAILED',
    exitCode: 1,
  });
});

test('a project without a .env says what of it is there', async () => {
  const folder = await newProject('lost');
  rmSync(join(folder, '.env'));
  expect(await down(folder)).toEqual({ code: 'ok', exitCode: 0, message: '' });
  expect(await down(folder, 'down', [container(folder)])).toMatchObject({
    code: 'STACK_FOREIGN',
    message: expect.stringContaining('there is no .env here, but a stack'),
  });
});

import { describe, expect, test } from 'vitest';
import { Catalog } from '../../../src/catalog/catalog.js';
import { resolveBlueprint } from '../../../src/catalog/resolve.js';
import { launcherText } from '../../../src/commands/launcher-text.js';
import { parseManifest } from '../../../src/project/manifest.js';
import { listContainers } from '../../../src/stack/observe/containers.js';
import { launcherOf } from '../../../src/stack/observe/launcher.js';
import type { OpenProject } from '../../../src/stack/open.js';
import { OWN } from '../../catalog/play-catalog.js';
import { PlayDocker } from '../play-docker.js';
import { playProject } from '../play-project.js';

const FILE = '/opt/gather/patches.json';
const IMAGE = 'localhost/gather/airflow:1';

function project(manifest: string): OpenProject {
  const catalog = new Catalog([OWN]);
  const read = {
    ...playProject(`AIRFLOW_IMAGE=${IMAGE}\n`),
    manifest: parseManifest(manifest, 'gather.yaml'),
  };
  return { project: read, catalog, blueprint: resolveBlueprint(catalog, read.manifest) };
}
const fast = () => project('launcher: fast\n');

/** What the image says of its build; `more` is what a service says of a patch of that name at its start. */
function told(...more: { name: string; service: string; reason?: string }[]): string {
  const entry = (name: string, reason = '') => ({
    name,
    services: ['s'],
    differs: `${name} differs`,
    saves: `${name} saves`,
    reason,
    in_force: !reason,
  });
  return JSON.stringify(
    [entry('one'), entry('two'), entry('other-line', 'apache-airflow 2.11.2: it is made for >=3.3')].map(
      (patch) => {
        const started = more.find(({ name }) => name === patch.name);
        return started ? { ...patch, reason: '', ...started, in_force: !started.reason } : patch;
      },
    ),
  );
}

const none = { oneShots: new Set<string>(), idle: new Set<string>() };

/** Containers of services of Airflow, each with what is in its file. */
async function stackOf(files: Record<string, string | undefined>) {
  const docker = new PlayDocker();
  for (const [service, text] of Object.entries(files)) {
    const labels = { 'gather.patches': FILE };
    docker.start(
      docker.create(service, { labels, files: text === undefined ? {} : { [FILE]: text } }),
      'healthy',
    );
  }
  docker.start(docker.create('postgres'), 'healthy');
  return { docker, containers: await listContainers(docker.client, 'play', none) };
}
async function patches(files: Record<string, string | undefined>) {
  const { docker, containers } = await stackOf(files);
  return (await launcherOf(fast(), docker.client, containers)).patches;
}

describe('launcher: plain', () => {
  test('changes nothing of Airflow but what is declared, and asks nobody', async () => {
    const report = await launcherOf(project(''), undefined, []);
    const exception = 'database connections of a process that the scheduler forks';
    expect(report).toEqual({ name: 'plain', always: [exception], patches: [] });
    expect(launcherText(report)).toEqual([`launcher: Airflow runs as it is, but for: ${exception}`]);
  });

  test('changes nothing at all of Airflow 3', async () => {
    const report = await launcherOf(project('airflow: 3.3.2\n'), undefined, []);
    expect(launcherText(report)).toEqual(['launcher: Airflow runs as it is']);
  });
});

describe('launcher: fast', () => {
  test('is told by what the services say of their start, then by what the image said at its build', async () => {
    const left = 'unknown: a setting asks for the watch';
    const found = await patches({
      web: told({ name: 'one', service: 'webserver', reason: left }),
      worker: told({ name: 'two', service: 'celery worker' }),
      init: told(),
    });
    expect(found).toEqual([
      { name: 'one', inForce: false, reason: left, differs: 'one differs', saves: 'one saves' },
      { name: 'two', inForce: true, reason: '', differs: 'two differs', saves: 'two saves' },
      expect.objectContaining({
        name: 'other-line',
        inForce: false,
        reason: expect.stringContaining('>=3.3'),
      }),
    ]);
  });

  test('a patch that one of two workers left out is left out', async () => {
    const found = await patches({
      a: told({ name: 'two', service: 'celery worker' }),
      b: told({ name: 'two', service: 'celery worker', reason: 'celery 5: no such name' }),
    });
    expect(found?.[1]).toMatchObject({ name: 'two', inForce: false, reason: 'celery 5: no such name' });
  });

  test('a file that is being written, is missing or is no list tells nothing, and hides nothing', async () => {
    const found = await patches({ a: '[{"na', b: undefined, c: '{}', d: '[1, null]', e: told() });
    expect(found?.map(({ name }) => name)).toEqual(['one', 'two', 'other-line']);
  });

  test('of a stack that does not run the image tells, and where there is none, that', async () => {
    const docker = new PlayDocker();
    const unknown = await launcherOf(fast(), docker.client, []);
    expect(unknown).not.toHaveProperty('patches');
    expect(launcherText(unknown)[0]).toContain('gather images build');
    docker.imageFiles.set(IMAGE, { [FILE]: told() });
    const known = await launcherOf(fast(), docker.client, []);
    expect(launcherText(known)).toEqual([
      expect.stringMatching(/^launcher: fast, 2 of 3 patches in force; .* but for: database connections/),
      expect.stringMatching(/^ {2}one +in force +saves one saves +one differs$/),
      expect.stringMatching(/^ {2}two +in force +saves two saves +two differs$/),
      expect.stringMatching(
        /^ {2}other-line +left out +apache-airflow 2.11.2: it is made for >=3.3 +other-line/,
      ),
    ]);
    expect(await launcherOf(fast(), undefined, [])).toEqual(unknown);
  });
});

import { cpSync, mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Event } from '../../../src/output/events.js';
import { PROJECT_ID } from '../../../src/project/project.js';
import { assertOwnData, assertOwnStack } from '../../../src/stack/identity.js';
import { openProject } from '../../../src/stack/open.js';
import { claimVolumes, ensureProjectId, ownVolumes } from '../../../src/stack/owner/claim-volumes.js';
import { LABELS } from '../../../src/stack/owner/evidence.js';
import { tellOfMove } from '../../../src/stack/owner/moved.js';
import { assertNothingThere } from '../../../src/stack/owner/nothing-lost.js';
import { PlayDocker } from '../play-docker.js';

const HOME = fileURLToPath(new URL('../../..', import.meta.url));

let place = '';
let folder = '';
let docker: PlayDocker;
beforeEach(() => {
  place = realpathSync(mkdtempSync(join(tmpdir(), 'gather-owner-')));
  folder = join(place, 'original');
  docker = new PlayDocker('shop');
  project('aa');
});
afterEach(() => rmSync(place, { recursive: true }));

function project(id: string, at = folder): void {
  mkdirSync(at, { recursive: true });
  writeFileSync(join(at, 'gather.yaml'), 'topology: clever-cloud\n');
  writeFileSync(join(at, '.env'), `COMPOSE_PROJECT_NAME=shop\n${id ? `${PROJECT_ID}=${id}\n` : ''}`);
}
const open = (at = folder) => openProject(at, HOME);
const claim = (at = folder) => claimVolumes(docker.client, open(at));
const marks = () =>
  docker.volumes.map(({ Name, Labels }) => [Name, Labels[LABELS.project], Labels[LABELS.folder]]);

describe('the volumes of a stack', () => {
  test('are made before Compose makes them, with whose they are, and only once', async () => {
    docker.volumes.push({
      Name: 'shop_minio-data',
      Labels: { 'com.docker.compose.project': 'shop' },
      CreatedAt: '',
    });
    await claim();
    expect(marks()).toEqual([
      ['shop_minio-data', undefined, undefined],
      ['shop_postgres-data', 'aa', folder],
    ]);
    expect(docker.volumes[1]?.Labels).toMatchObject({ 'com.docker.compose.volume': 'postgres-data' });
    await claim();
    expect(docker.volumes.length).toBe(2);
  });

  test('are those that Compose would make without anything but a name', () => {
    const { project: own, blueprint } = open();
    const withData = (body: Record<string, unknown>) => {
      const components = blueprint.components.map((one, i) => ({
        ...one,
        resources: i ? one.resources : { ...one.resources, volumes: { 'postgres-data': body } },
      }));
      return { ...open(), project: own, blueprint: { ...blueprint, components } };
    };
    const named = ownVolumes(withData({ name: 'data-of-${COMPOSE_PROJECT_NAME}' }));
    expect(named.map(({ name }) => name)).toContain('data-of-shop');
    expect(ownVolumes(withData({ external: true })).map(({ key }) => key)).not.toContain('postgres-data');
  });
});

describe('a copy of the folder', () => {
  const copy = () => join(place, 'copy');
  beforeEach(async () => {
    await claim();
    cpSync(folder, copy(), { recursive: true });
  });

  test('is told whose the stack is, running or down, and what gives it its own', async () => {
    const refused = {
      code: 'STACK_FOREIGN',
      message: `the stack shop belongs to ${folder}; this folder has the same name in its .env`,
      hints: [expect.stringContaining('gather env set COMPOSE_PROJECT_NAME shop-2')],
    };
    await expect(assertOwnStack(docker.client, open(copy()).project)).rejects.toMatchObject(refused);
    docker.volumes.length = 0;
    docker.create('postgres', { folder });
    await expect(assertOwnData(docker.client, open(copy()).project)).rejects.toMatchObject(refused);
    expect((await assertOwnStack(docker.client, open().project)).kind).toBe('ours');
  });

  test('with another name has volumes of its own', async () => {
    writeFileSync(join(copy(), '.env'), `COMPOSE_PROJECT_NAME=shop-2\n${PROJECT_ID}=aa\n`);
    await claim(copy());
    expect(
      marks()
        .map(([name]) => name)
        .sort(),
    ).toEqual(['shop-2_minio-data', 'shop-2_postgres-data', 'shop_minio-data', 'shop_postgres-data']);
    await assertOwnData(docker.client, open(copy()).project);
    await assertOwnData(docker.client, open().project);
  });

  test('is the project, once the original is gone', async () => {
    renameSync(folder, join(place, 'elsewhere'));
    rmSync(join(place, 'elsewhere'), { recursive: true });
    const volumes = ['shop_minio-data', 'shop_postgres-data'];
    expect(await assertOwnStack(docker.client, open(copy()).project)).toEqual({
      kind: 'ours',
      moved: { from: folder, volumes },
    });
  });
});

describe('a project that is moved', () => {
  const there = () => join(place, 'there');
  const told = async (at: string) => {
    const events: Event[] = [];
    const report = { event: (event: Event) => void events.push(event), close: () => {} };
    await tellOfMove(docker.client, open(at).project, report);
    return events;
  };
  const moved = () => ({
    type: 'moved',
    from: folder,
    to: there(),
    volumes: ['shop_minio-data', 'shop_postgres-data'],
  });

  test('is told once, from where and with which data; and again in the next place', async () => {
    await claim();
    expect(await told(folder)).toEqual([]);
    renameSync(folder, there());
    expect(await told(there())).toEqual([moved()]);
    expect(await told(there())).toEqual([]);
    const third = join(place, 'third');
    renameSync(there(), third);
    expect(await told(third)).toEqual([{ ...moved(), to: third }]);
    renameSync(third, folder);
    expect(await told(folder)).toEqual([]);
  });

  test('is told, too, where gather has no memory of its own any more', async () => {
    await claim();
    renameSync(folder, there());
    rmSync(join(there(), '.gather'), { recursive: true, force: true });
    expect(await told(there())).toEqual([moved()]);
    writeFileSync(join(there(), '.gather/place.json'), '{"folder":');
    expect(await told(there())).toEqual([moved()]);
  });

  test('is nothing to tell of one that has no stack yet, nor of a copy', async () => {
    expect(await told(folder)).toEqual([]);
    await claim();
    cpSync(folder, there(), { recursive: true });
    expect(await told(there())).toEqual([]);
    // once the original is gone, the copy is the project
    rmSync(folder, { recursive: true });
    expect(await told(there())).toEqual([moved()]);
  });
});

describe('a .env that is gone', () => {
  test('leads to no new secrets while volumes or containers of the folder are there', async () => {
    await claim();
    rmSync(join(folder, '.env'));
    await expect(assertNothingThere(docker.client, folder)).rejects.toMatchObject({
      code: 'STACK_FOREIGN',
      details: ['shop_minio-data', 'shop_postgres-data'],
      hints: expect.arrayContaining(['put the .env back that belongs to it']),
    });
    await assertNothingThere(docker.client, folder, 'shop-2');
    docker.volumes.length = 0;
    await assertNothingThere(docker.client, folder);
    docker.create('postgres', { folder });
    await expect(assertNothingThere(docker.client, folder)).rejects.toMatchObject({ code: 'STACK_FOREIGN' });
  });

  test('and came anew where no engine answered is found out by the id, and the old one is welcome', async () => {
    await claim();
    project('bb');
    await expect(assertOwnData(docker.client, open().project)).rejects.toMatchObject({
      code: 'STACK_FOREIGN',
      details: ['shop_minio-data', 'shop_postgres-data'],
    });
    expect((await assertOwnStack(docker.client, open().project)).kind).toBe('earlier');
    project('aa');
    await assertOwnData(docker.client, open().project);
  });
});

test('a .env of an older gather gets the id that its volumes have, else a new one, and keeps it', async () => {
  await claim();
  project('');
  expect(await ensureProjectId(docker.client, open(), {})).toBe(true);
  expect(open().project.env.get(PROJECT_ID)).toBe('aa');
  expect(await ensureProjectId(docker.client, open(), {})).toBe(false);
  docker.volumes.length = 0;
  project('');
  await ensureProjectId(docker.client, open(), {});
  expect(open().project.env.get(PROJECT_ID)).toMatch(/^[0-9a-f]{16}$/);
});

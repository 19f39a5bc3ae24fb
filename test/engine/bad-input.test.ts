import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { EnvFile } from '../../src/project/dotenv.js';
import { emptyFolder, gather, gatherAs, gatherOk, HOME } from './gather.js';

/** A project that each test gets as it was after `gather init`. */
let folder: string;
let original: Record<string, string>;
const FILES = ['gather.yaml', '.env', 'compose.yaml', 'proxy/nginx.conf', 'postgres/init.sql'];
const read = (path: string) => readFileSync(join(folder, path), 'utf8');
const write = (path: string, text: string) => writeFileSync(join(folder, path), text);
const run = (...args: string[]) => gather(args, { cwd: folder });
const files = () => Object.fromEntries(FILES.map((path) => [path, read(path)]));

beforeAll(async () => {
  folder = emptyFolder('bad-input');
  await gatherOk(['init', '--yes'], { cwd: folder });
  original = files();
});
beforeEach(() => {
  for (const [path, text] of Object.entries(original)) write(path, text);
  rmSync(join(folder, 'compose'), { recursive: true, force: true });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a gather.yaml', () => {
  test.each([
    [
      'a wrong key',
      'topology: celery\nairflw: 2.11.2\n',
      2,
      'unknown key "airflw"; did you mean "airflow"?',
      'allowed: topology, airflow, images',
    ],
    ['a wrong type', 'components: flower\n', 1, 'components must be a list of text, and is a text', ''],
    ['a wrong version', 'topology: celery\nairflow: 2.11\n', 2, 'must be a full version', '2.11.2'],
    [
      'an unknown topology',
      'airflow: 2.11.2\ntopology: cellery\n',
      2,
      'unknown topology "cellery"; did you mean "celery"?',
      'known: ',
    ],
    [
      'an unknown component',
      'topology: celery\ncomponents:\n  - external-postgre\n',
      3,
      'did you mean "external-postgres"?',
      'known: ',
    ],
    [
      'a wrong source of images',
      'images: packagse\n',
      1,
      'images is "packagse"; did you mean "packages"?',
      'allowed: auto, registry, packages',
    ],
    [
      'a registry with a scheme',
      'registry: https://r.example/\n',
      1,
      'registry must look like host:port/path',
      '',
    ],
    ['a day that is none', 'packages-until: tomorrow\n', 1, 'must be a date such as', ''],
    ['bad YAML', 'topology: celery\ncomponents: [a\n', 3, 'not valid YAML', ''],
  ])('with %s is refused with file, line and what is allowed', async (_what, text, line, message, hint) => {
    write('gather.yaml', text);
    for (const command of [['render'], ['init', '--yes'], ['env', 'list'], ['up', '--yes']]) {
      const { code, stdout, stderr } = await run(...command);
      expect(stderr).toContain(`${join(folder, 'gather.yaml')}:${line}: `);
      expect(stderr).toContain(message);
      expect(stderr).toContain(hint);
      expect([code, stdout]).toEqual([1, '']);
    }
    expect({ ...files(), 'gather.yaml': '' }).toEqual({ ...original, 'gather.yaml': '' });
  });
});

describe("a user's own component", () => {
  const own = (text: string) => {
    mkdirSync(join(folder, 'compose/components'), { recursive: true });
    write('compose/components/mine.yaml', text);
    write('gather.yaml', 'topology: celery\ncomponents: [mine]\n');
  };
  test.each([
    ['a wrong key', 'x-gather:\n  summary: x\n  requries: [redis]\n', 3, 'did you mean "requires"?'],
    [
      'an unknown requirement',
      'x-gather:\n  summary: x\n  requires:\n    - rediss\n',
      4,
      'did you mean "redis"?',
    ],
    [
      'a conflict',
      'x-gather:\n  summary: x\n  conflicts: [redis]\n',
      3,
      'components "mine" and "redis" cannot be in one stack',
    ],
    [
      'a fixed name',
      'x-gather:\n  summary: x\nservices:\n  a:\n    container_name: b\n',
      5,
      'container_name forbids a second stack',
    ],
    ['bad YAML', 'x-gather: [\n', 2, 'not valid YAML'],
  ])('with %s is refused with file and line', async (_what, text, line, message) => {
    own(text);
    const { code, stderr } = await run('render');
    expect(stderr).toContain(`${join(folder, 'compose/components/mine.yaml')}:${line}: `);
    expect(stderr).toContain(message);
    expect(code).toBe(1);
    expect(read('compose.yaml')).toBe(original['compose.yaml']);
  });
});

describe('render', () => {
  test('--check writes nothing, and fails when a file is out of date', async () => {
    expect((await run('render', '--check')).code).toBe(0);
    write('gather.yaml', 'topology: celery\ncomponents: [external-postgres]\n');
    const { code, stderr } = await run('render', '--check');
    expect(code).toBe(1);
    expect(stderr).toContain('compose.yaml: out of date');
    expect(read('compose.yaml')).toBe(original['compose.yaml']);
    const { stdout } = await gatherOk(['render'], { cwd: folder });
    expect(stdout).toBe('written: compose.yaml, proxy/nginx.conf, proxy/page/parts.json, .env.template');
    expect((await run('render', '--check')).code).toBe(0);
  });

  test('refuses and keeps what a person has changed, unless forced', async () => {
    const mine = `${original['compose.yaml']}# mine\n`;
    write('compose.yaml', mine);
    for (const command of [['render'], ['render', '--check'], ['up', '--yes']]) {
      const { code, stderr } = await run(...command);
      expect([code, stderr]).toEqual([1, expect.stringContaining('changed by hand')]);
    }
    const { stdout } = await gatherOk(['init', '--yes'], { cwd: folder });
    expect(stdout).toContain('compose.yaml was changed by hand and is kept');
    expect(read('compose.yaml')).toBe(mine);
    await gatherOk(['render', '--force'], { cwd: folder });
    expect(read('compose.yaml')).toBe(original['compose.yaml']);
  });
});

test('outside of a project every command that needs one says so', async () => {
  const outside = emptyFolder('outside');
  onTestFinished(() => rmSync(outside, { recursive: true }));
  for (const command of [
    ['render'],
    ['status'],
    ['env', 'list'],
    ['logs'],
    ['down'],
    ['db', 'init'],
    ['images'],
    ['airflow', 'info'],
    ['exec', 'redis', 'true'],
    ['restart'],
  ]) {
    const { code, stderr } = await gather(command, { cwd: outside });
    expect([command[0], code, stderr]).toEqual([
      command[0],
      1,
      expect.stringMatching(/there is no gather.yaml in .*\n\n {2}→ gather init$/),
    ]);
  }
  expect(readdirSync(outside)).toEqual([]);
});

test('an init that is killed at any moment leaves every file whole, and the next one goes on', async () => {
  const names = (text: string) => EnvFile.parse(text, '.env').names();
  for (let delay = 120; delay <= 400; delay += 40) {
    const child = spawn(
      process.execPath,
      [join(HOME, 'dist/main.js'), 'init', '--yes', '--rotate', 'AF_PASS'],
      { cwd: folder },
    );
    const timer = setTimeout(() => child.kill('SIGKILL'), delay);
    await once(child, 'close');
    clearTimeout(timer);
    expect(names(read('.env'))).toEqual(names(original['.env'] ?? ''));
    for (const path of ['compose.yaml', 'proxy/nginx.conf', 'gather.yaml'])
      expect(read(path)).toBe(original[path]);
    await gatherOk(['init', '--yes'], { cwd: folder });
    expect(read('postgres/init.sql')).toContain(`'${EnvFile.parse(read('.env'), '.env').get('AF_PASS')}'`);
  }
});

describe('a disk that takes nothing', () => {
  function disk(size: string): string {
    const place = mkdtempSync(join(tmpdir(), 'gather-disk-'));
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', place]);
    onTestFinished(() => {
      execFileSync('umount', [place]);
      rmdirSync(place);
    });
    return place;
  }

  test('because it is full leaves the old files whole', async () => {
    const place = disk('256k');
    for (const path of ['proxy', 'postgres', 'dags', 'plugins', 'config', 'logs'])
      mkdirSync(join(place, path));
    for (const path of FILES) writeFileSync(join(place, path), original[path] ?? '');
    writeFileSync(join(place, 'requirements.txt'), '');
    // all that is left
    spawnSync('dd', ['if=/dev/zero', `of=${join(place, 'filler')}`, 'bs=1k', 'count=1000']);
    const { code, stderr } = await gather(
      ['init', '--yes', '--rotate', 'AF_PASS', '--set', `PG_PASS=${'x'.repeat(5000)}`],
      { cwd: place },
    );
    expect([code, stderr]).toEqual([1, expect.stringContaining('the disk is full')]);
    for (const path of FILES) expect(readFileSync(join(place, path), 'utf8')).toBe(original[path]);
    expect(readdirSync(place).filter((name) => name.includes('.tmp'))).toEqual([]);
    rmSync(join(place, 'filler'));
    expect((await gather(['init', '--yes'], { cwd: place })).code).toBe(0);
  });

  test('because it is small stops a new project in a clear way, and init goes on once there is room', async () => {
    const place = disk('16k');
    const { code, stderr } = await gather(['init', '--yes'], { cwd: place });
    expect([code, stderr]).toEqual([1, expect.stringMatching(/Cannot .*: the disk is full/)]);
    execFileSync('mount', ['-o', 'remount,size=4m', place]);
    expect((await gather(['init', '--yes'], { cwd: place })).code).toBe(0);
    expect((await gather(['render', '--check'], { cwd: place })).code).toBe(0);
    // nothing of the examples is missing, and nothing half written is left
    const roomy = emptyFolder('roomy');
    onTestFinished(() => rmSync(roomy, { recursive: true }));
    await gatherOk(['init', '--yes'], { cwd: roomy });
    for (const name of ['dags', 'plugins', 'config'])
      expect(listing(join(place, name))).toEqual(listing(join(roomy, name)));
    expect(readdirSync(place).filter((name) => name.includes('.tmp'))).toEqual([]);
  });

  test("because it is somebody else's is told, and nothing changes", async () => {
    const readOnly = emptyFolder('read-only');
    onTestFinished(() => rmSync(readOnly, { recursive: true }));
    chmodSync(readOnly, 0o755);
    const { code, stderr } = await gatherAs(65534, ['init', '--yes'], { cwd: readOnly });
    expect([code, stderr]).toEqual([1, expect.stringMatching(/Cannot lock .*: you may not/)]);
    expect(readdirSync(readOnly)).toEqual([]);
  });
});

function listing(path: string): string[] {
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => !name.includes('__pycache__'))
    .sort();
}

import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { docker, dockerOk, until } from './docker.js';
import type { EksStack } from './eks-stack.js';
import { emptyFolder, gather, gatherJson, gatherOk } from './gather.js';

const LISTING = `from airflow.decorators import dag, task

@dag(schedule=None, tags=["TAG"])
def from_bucket():
    @task
    def keys():
        from airflow.providers.amazon.aws.hooks.s3 import S3Hook
        return S3Hook("aws_s3_conn").list_keys("airflow", prefix="dags/")
    keys()

from_bucket()
`;

const sha256 = (data: string | Uint8Array) => createHash('sha256').update(data).digest('hex');

/** DAGs that live in a bucket, and `gather s3`, on a stack of the topology `eks`. */
export function describeDagsInBucket(eks: EksStack): void {
  const scratch = emptyFolder('s3-files');
  afterAll(() => rmSync(scratch, { recursive: true }));
  const inScheduler = (...line: string[]) => dockerOk(['exec', eks.idOf('airflow-scheduler'), ...line]);
  /** What Airflow sees: path → SHA-256. */
  async function seen(): Promise<Record<string, string>> {
    const text = await inScheduler(
      'bash',
      '-c',
      'cd /opt/airflow/dags && find . -path ./.s3-dags -prune -o -type f -print0 | xargs -0r sha256sum; true',
    );
    const lines = text.split('\n').filter(Boolean);
    return Object.fromEntries(lines.map((line) => [line.slice(68), line.slice(0, 64)]));
  }
  const s3 = (...args: string[]) => gatherOk(['s3', ...args], { cwd: eks.cwd });
  /** Puts a file into the bucket's folder of DAGs. */
  async function drop(name: string, data: string | Uint8Array): Promise<void> {
    const file = join(scratch, 'dropped');
    writeFileSync(file, data);
    await s3('cp', file, `s3://airflow/dags/${name}`);
  }
  const logOf = async (service: string) => {
    const { stdout, stderr } = await docker(['logs', eks.idOf(service)]);
    return stdout + stderr;
  };

  test('nothing is in the bucket at first; a push shows what is different, and does it', async () => {
    expect(await seen()).toEqual({});
    const dry = await gather(['dags', 'push', '--dry-run'], { cwd: eks.cwd });
    expect(dry.stderr).toContain('+ hello_taskflow.py\n');
    expect(await seen()).toEqual({});
    mkdirSync(join(eks.cwd, 'dags/__pycache__'));
    writeFileSync(join(eks.cwd, 'dags/__pycache__/a.pyc'), '');
    writeFileSync(join(eks.cwd, 'dags/.secret'), '');
    const pushed = await gatherJson<{ to: string; added: string[] }>(['dags', 'push'], { cwd: eks.cwd });
    expect(pushed.to).toBe('s3://airflow/dags/');
    expect(pushed.added).toEqual(expect.arrayContaining(['.airflowignore', 'tests/test_dagbag.py']));
    const files = await until(seen, (now) => Object.keys(now).length === pushed.added.length, 10);
    expect(Object.keys(files).sort()).toEqual(pushed.added.sort());
    expect(files['hello_taskflow.py']).toBe(sha256(readFileSync(join(eks.cwd, 'dags/hello_taskflow.py'))));
    expect((await gatherOk(['dags', 'push'], { cwd: eks.cwd })).stdout).toContain('nothing to do');
    await until(
      () => eks.api.get<{ dags: unknown[] }>('/dags'),
      ({ dags }) => dags.length >= 2,
      30,
    );
  });

  test('a push removes only after a yes', async () => {
    await drop('surplus.txt', 'x');
    const told = await gatherOk(['dags', 'push'], { cwd: eks.cwd });
    expect(told.stdout).toContain('1 file only there; --delete removes what is not here');
    const refused = await gather(['dags', 'push', '--delete'], { cwd: eks.cwd });
    expect(refused.code).toBe(3);
    expect(refused.stderr).toContain('- surplus.txt');
    expect((await s3('ls', 's3://airflow/dags/')).stdout).toContain('surplus.txt');
    await gatherOk(['dags', 'push', '--delete', '--yes'], { cwd: eks.cwd });
    expect((await s3('ls', 's3://airflow/dags/')).stdout).not.toContain('surplus.txt');
  });

  describe('a file that is dropped into the bucket', () => {
    /** The DAG's tags, once Airflow lists it; undefined before. */
    const tagsOf = (id: string) =>
      eks.api.get<{ tags: { name: string }[] }>(`/dags/${id}`).then(
        ({ tags }) => tags.map(({ name }) => name),
        () => undefined,
      );

    test('is listed within 5 seconds, and its task reads the bucket through aws_s3_conn', async () => {
      await drop('from_bucket.py', LISTING.replace('TAG', 'one'));
      const started = Date.now();
      await until(
        () => tagsOf('from_bucket'),
        (tags) => tags?.[0] === 'one',
        30,
      );
      expect((Date.now() - started) / 1000).toBeLessThan(5);
      const run = await eks.api.trigger('from_bucket');
      expect((await eks.api.ended('from_bucket', run)).state).toBe('success');
      expect(await eks.api.result('from_bucket', run, 'keys')).toContain('dags/from_bucket.py');
    });

    test('is changed, renamed and removed', async () => {
      await drop('from_bucket.py', LISTING.replace('TAG', 'two'));
      await until(
        () => tagsOf('from_bucket'),
        (tags) => tags?.[0] === 'two',
        30,
      );
      await s3('cp', 's3://airflow/dags/from_bucket.py', 's3://airflow/dags/deep/ü renamed.py');
      await s3('rm', 's3://airflow/dags/from_bucket.py');
      const moved = await until(seen, (files) => !('from_bucket.py' in files), 10);
      expect(moved['deep/ü renamed.py']).toBe(sha256(LISTING.replace('TAG', 'two')));
      await s3('rm', 's3://airflow/dags/deep/ü renamed.py');
      await until(
        () => inScheduler('ls', '/opt/airflow/dags'),
        (names) => !names.includes('deep'),
        10,
      );
    });

    test('of 50 MB is never seen half', async () => {
      const versions = [randomBytes(50 << 20), randomBytes(50 << 20)];
      const looks = `import hashlib, os, time
found = set()
end = time.time() + 60
while time.time() < end and not os.path.exists("/opt/airflow/dags/end.txt"):
    try:
        with open("/opt/airflow/dags/large.bin", "rb") as file:
            found.add(hashlib.sha256(file.read()).hexdigest())
    except FileNotFoundError:
        found.add("none")
    time.sleep(0.01)
print(*sorted(found))`;
      const looking = inScheduler('python', '-c', looks);
      for (const bytes of versions) {
        await drop('large.bin', bytes);
        await until(seen, (files) => files['large.bin'] === sha256(bytes), 30);
      }
      await drop('end.txt', '');
      expect((await looking).trim().split(' ').sort()).toEqual(['none', ...versions.map(sha256)].sort());
    });
  });

  test('2,000 files come, and go', async () => {
    const folder = join(scratch, 'many');
    mkdirSync(folder);
    for (let i = 0; i < 2000; i++) writeFileSync(join(folder, `f${i}.txt`), `x = ${i}\n`);
    await gatherOk(['s3', 'sync', folder, 's3://airflow/dags/many'], { cwd: eks.cwd });
    const many = async () => Object.keys(await seen()).filter((path) => path.startsWith('many/')).length;
    await until(many, (number) => number === 2000, 30);
    await s3('rm', '--recursive', '--yes', 's3://airflow/dags/many');
    await until(many, (number) => number === 0, 30);
  });

  describe('the sidecar', () => {
    const inSidecar = (script: string) => dockerOk(['exec', eks.idOf('s3-dags'), 'sh', '-c', script]);

    test('is stopped at once, and fetches nothing again', async () => {
      const times = () =>
        inSidecar("find /dags -path /dags/.s3-dags -prune -o -type f -printf '%p %T@ %i\\n' | sort");
      const before = await times();
      const started = Date.now();
      await dockerOk(['restart', eks.idOf('s3-dags')]);
      expect((Date.now() - started) / 1000).toBeLessThan(5);
      await until(
        () => inSidecar('python /opt/gather/s3-dags.py --check && echo fresh'),
        (text) => text.includes('fresh'),
        10,
      );
      expect(await times()).toBe(before);
    });

    test('repairs what somebody changes in the volume', async () => {
      const before = await seen();
      await inSidecar(
        'cd /dags && echo x >> hello_taskflow.py && rm mapped_task.py && mkdir own && touch own/own.py && ln -s / link',
      );
      await until(
        () => Promise.all([seen(), inSidecar('ls -A /dags')]),
        ([files, names]) => !/own|link/.test(names) && JSON.stringify(files) === JSON.stringify(before),
        10,
      );
    });

    test('lets Airflow read, never write', async () => {
      const { code } = await docker(['exec', eks.idOf('airflow-scheduler'), 'touch', '/opt/airflow/dags/x']);
      expect(code).not.toBe(0);
    });

    test('keeps everything while MinIO is away, says how long, and goes on by itself', async () => {
      const before = await seen();
      onTestFinished(async () => void (await dockerOk(['start', eks.idOf('minio')])));
      await dockerOk(['stop', eks.idOf('minio')]);
      const status = () => gather(['status', '--output', 'json'], { cwd: eks.cwd });
      const { stdout } = await until(status, ({ stdout }) => /in step \d+ s ago/.test(stdout), 60);
      expect(stdout).toMatch(/in step 3\d s ago: /);
      expect(await seen()).toEqual(before);
      const failed = await gather(['s3', 'ls'], { cwd: eks.cwd });
      expect(failed.stderr).toMatch(/no S3 server answers at http:\/\/127\.0\.0\.1:\d+\n\n {2}→ gather up/);
      await dockerOk(['start', eks.idOf('minio')]);
      await until(
        () => gather(['s3', 'ls'], { cwd: eks.cwd }),
        ({ code }) => code === 0,
        30,
      );
      await drop('after.txt', 'after');
      await until(seen, (files) => 'after.txt' in files, 10);
      const lines = (await logOf('s3-dags')).split('\n');
      expect(lines.filter((line) => line.includes('cannot be followed'))).toHaveLength(1);
      expect((await status()).code).toBe(0);
    });

    test('leaves out, with a warning each, what can be no file below the folder', async () => {
      const good = [
        'plain.py',
        'ü/é 漢.py',
        'a b+c%20#?.py',
        'a/b',
        '.hidden.py',
        '...',
        'back\\slash',
        'x/.s3-dags/y',
      ];
      const bad = [
        'a',
        '../out',
        'x/../../out',
        '/abs',
        '//abs',
        'end/',
        'x//y',
        './dot',
        'nul\0',
        'new\nline',
        '.s3-dags/state.json',
        'x'.repeat(256),
      ];
      const script = readFileSync(fileURLToPath(new URL('odd-keys.py', import.meta.url)), 'utf8');
      const image = eks.containers.get('s3-dags-1')?.Config.Image ?? '';
      const line = ['run', '--rm', '--interactive', '--entrypoint', 'python', image, '-c', script];
      const { files, log, exit, seconds } = JSON.parse(
        await dockerOk(line, { input: JSON.stringify([...good, ...bad]) }),
      ) as { files: Record<string, string>; log: string[]; exit: number; seconds: number };
      expect(files).toEqual(Object.fromEntries(good.map((key) => [key, `text of ${key}`])));
      const warnings = log.filter((one) => one.startsWith('WARNING: '));
      expect(warnings).toHaveLength(bad.length);
      for (const key of bad)
        expect(
          warnings.filter((one) => one.startsWith(`WARNING: ${JSON.stringify(`dags/${key}`)} is`)),
        ).toHaveLength(1);
      expect(exit).toBe(0);
      expect(seconds).toBeLessThan(1);
    });
  });

  describe('gather s3', () => {
    const file = (...parts: string[]) => join(scratch, 'round', ...parts);
    const odd = ['plain.txt', 'deep/er/ü 漢 +%20#?&.txt', "it's (1) [2] *.txt"];

    test('takes files there and back', async () => {
      mkdirSync(file('in/deep/er'), { recursive: true });
      for (const name of odd) writeFileSync(file('in', name), name);
      await s3('cp', '--recursive', file('in'), 's3://airflow/round');
      const listed = await gatherJson<{ key: string; size: number }[]>(
        ['s3', 'ls', '--recursive', 's3://airflow/round/'],
        { cwd: eks.cwd },
      );
      expect(listed.map(({ key }) => key).sort()).toEqual(odd.map((name) => `round/${name}`).sort());
      await s3('cp', '--recursive', 's3://airflow/round/', 's3://airflow/again/');
      await s3('sync', 's3://airflow/again', file('out'));
      for (const name of odd) expect(readFileSync(file('out', name), 'utf8')).toBe(name);
    });

    test('sync does what is different, and removes only when told to', async () => {
      writeFileSync(file('in/plain.txt'), 'PLAIN.txt');
      rmSync(file('in/deep'), { recursive: true });
      const sync = (...more: string[]) =>
        gatherJson<Record<string, string[]>>(['s3', 'sync', ...more, file('in'), 's3://airflow/round'], {
          cwd: eks.cwd,
        });
      expect(await sync('--delete', '--dry-run')).toEqual({
        added: [],
        changed: ['plain.txt'],
        deleted: [odd[1]],
      });
      expect(await sync()).toEqual({ added: [], changed: ['plain.txt'], deleted: [] });
      const refused = await gather(['s3', 'sync', '--delete', file('in'), 's3://airflow/round'], {
        cwd: eks.cwd,
      });
      expect(refused.code).toBe(3);
      expect(refused.stderr).toContain(`- ${odd[1]}`);
      expect(await sync('--delete', '--yes')).toEqual({ added: [], changed: [], deleted: [odd[1]] });
      expect((await s3('sync', '--delete', file('in'), 's3://airflow/round')).stdout).toContain(
        'nothing to do',
      );
      const typo = await gather(['s3', 'sync', '--delete', 's3://airflow/typo', file('in')], {
        cwd: eks.cwd,
      });
      expect(typo.stderr).toContain('there is nothing below s3://airflow/typo/');
    });

    test('rm asks before it removes a folder', async () => {
      const refused = await gather(['s3', 'rm', '--recursive', 's3://airflow/again'], { cwd: eks.cwd });
      expect(refused.code).toBe(3);
      expect(refused.stderr).toContain('the 3 objects below s3://airflow/again were not removed');
      expect(
        (await s3('rm', '--recursive', '--dry-run', 's3://airflow/again')).stdout.split('\n'),
      ).toHaveLength(3);
      await s3('rm', '--recursive', '--yes', 's3://airflow/again');
      expect(await gatherJson(['s3', 'ls', 's3://airflow/again/'], { cwd: eks.cwd })).toEqual([]);
    });

    test('says what is not there', async () => {
      const said = async (...args: string[]) => (await gather(['s3', ...args], { cwd: eks.cwd })).stderr;
      expect(await said('ls', 's3://airflwo')).toContain(
        'there is no bucket "airflwo"; did you mean "airflow"?',
      );
      expect(await said('cp', 's3://airflow/nix', file('nix'))).toContain('there is no s3://airflow/nix');
      expect(await said('rm', 's3://airflow/nix')).toContain('there is no s3://airflow/nix');
      expect(await said('cp', file('nix'), 's3://airflow/')).toContain('there is no such file or folder');
    });
  });
}

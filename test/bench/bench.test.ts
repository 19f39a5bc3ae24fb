import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cpuOfContainers, fromCgroup, median } from '../../bench/measure.mjs';
import { parse } from '../../bench/options.mjs';
import { table } from '../../bench/report.mjs';

function cgroups(files: Record<string, string>) {
  const root = mkdtempSync(join(tmpdir(), 'gather-cgroup-'));
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(join(root, file, '..'), { recursive: true });
    writeFileSync(join(root, file), text);
  }
  return root;
}

test('the median of an even count is the mean of the two in the middle', () => {
  expect([median([3, 1, 2]), median([4, 1, 2, 3])]).toEqual([2, 2.5]);
});

test.each([
  [
    'version 1',
    {
      'cpuacct/docker/abc/cpuacct.usage': '2500000000\n',
      'memory/docker/abc/memory.usage_in_bytes': '1000\n',
      'memory/docker/abc/memory.stat': 'inactive_file 1\ntotal_inactive_file 400\n',
    },
  ],
  [
    'version 2',
    {
      'system.slice/docker-abc.scope/cpu.stat': 'usage_usec 2500000\n',
      'system.slice/docker-abc.scope/memory.current': '1000\n',
      'system.slice/docker-abc.scope/memory.stat': 'anon 5\ninactive_file 400\n',
    },
  ],
])('reads CPU seconds and memory without page cache from cgroups of %s', (_, files) => {
  const root = cgroups(files);
  expect(fromCgroup('abc', root)).toEqual({ cpu: 2.5, memory: 600 });
  expect(fromCgroup('other', root)).toBeUndefined();
  rmSync(root, { recursive: true });
});

test.each([
  ['version 1', { 'cpuacct/docker/cpuacct.usage': '2500000000\n' }],
  ['version 2', { 'docker/cpu.stat': 'usage_usec 2500000\nuser_usec 1\n' }],
])('reads what all containers used from the cgroup that holds theirs, of %s', (_, files) => {
  const root = cgroups(files);
  expect(cpuOfContainers(root)).toBe(2.5);
  rmSync(root, { recursive: true });
  expect(() => cpuOfContainers(root)).toThrow('no cgroup');
});

test('refuses a part that is none', () => {
  expect(() => parse(['boto'], ['boot'])).toThrow('no part boto');
  expect(parse([], ['boot'])).toMatchObject({ parts: ['boot'], runs: 3, airflow: ['2.11.2', '3.3.2'] });
});

test('the table says whether a goal was met', () => {
  const row = {
    part: 'boot',
    figure: 'cold',
    side: 'gather',
    value: 12.34,
    unit: 's',
    ratio: 4,
    goal: '≥ 4×',
  };
  expect(table([{ ...row, met: false }])).toContain('12.3 s    4.00×  ≥ 4×  NO');
});

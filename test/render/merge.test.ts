import { expect, test } from 'vitest';
import { CannotMerge, mergeBodies } from '../../src/render/merge.js';

test('maps are merged key by key, also inside of each other', () => {
  const base = {
    environment: { A: '1', B: '1' },
    deploy: { replicas: 1, resources: { limits: { cpus: '1' } } },
  };
  const over = { environment: { B: '2', C: '2' }, deploy: { resources: { limits: { memory: '1g' } } } };
  expect(mergeBodies(base, over)).toEqual({
    environment: { A: '1', B: '2', C: '2' },
    deploy: { replicas: 1, resources: { limits: { cpus: '1', memory: '1g' } } },
  });
});

test('lists stand one behind the other, without doubles', () => {
  expect(mergeBodies({ networks: ['a', 'b'] }, { networks: ['b', 'c'] })).toEqual({
    networks: ['a', 'b', 'c'],
  });
  expect(mergeBodies({ ports: ['80:80'] }, { ports: ['81:80'] })).toEqual({ ports: ['80:80', '81:80'] });
});

test('a mount takes the place of an earlier one on the same target, whatever its form and options', () => {
  const merged = (base: unknown[], over: unknown[]) =>
    mergeBodies({ volumes: base }, { volumes: over }).volumes;
  const long = { type: 'volume', source: 'c', target: '/opt/c' };
  const bind = { type: 'bind', source: './c', target: '/opt/c' };
  expect(merged(['./a:/opt/a', './b:/opt/b:ro', long], ['./mine:/opt/b', bind])).toEqual([
    './a:/opt/a',
    './mine:/opt/b',
    bind,
  ]);
  expect(merged(['./a:/data:Z'], ['./b:/data'])).toEqual(['./b:/data']);
  expect(merged(['./a:/data'], ['/data'])).toEqual(['/data']);
  expect(merged(['${HERE:-./a}/in:/data:ro'], ['${HERE:-${THERE:-/x}}/out:/data'])).toEqual([
    '${HERE:-${THERE:-/x}}/out:/data',
  ]);
});

test('a command, an entrypoint and the test of a health check are replaced as a whole', () => {
  const base = {
    command: ['a', 'b'],
    entrypoint: ['x'],
    healthcheck: { test: ['CMD', 'a'], interval: '1s' },
  };
  const over = { command: ['c'], entrypoint: ['y'], healthcheck: { test: ['CMD', 'b'] } };
  expect(mergeBodies(base, over)).toEqual({
    command: ['c'],
    entrypoint: ['y'],
    healthcheck: { test: ['CMD', 'b'], interval: '1s' },
  });
});

test('a list of names that meets a map becomes one', () => {
  const aliases = { a: { aliases: ['x'] } };
  expect(mergeBodies({ networks: ['a', 'b'] }, { networks: aliases })).toEqual({
    networks: { a: { aliases: ['x'] }, b: {} },
  });
  expect(mergeBodies({ networks: aliases }, { networks: ['b'] })).toEqual({
    networks: { a: { aliases: ['x'] }, b: {} },
  });
});

test('anything else is replaced, and what is laid over is not changed', () => {
  const base = { image: 'a', environment: { A: '1' } };
  expect(mergeBodies(base, { image: 'b', environment: { B: '2' } })).toEqual({
    image: 'b',
    environment: { A: '1', B: '2' },
  });
  expect(base).toEqual({ image: 'a', environment: { A: '1' } });
});

test('a list and a map of the same thing become a map', () => {
  const merged = (key: string, base: unknown, over: unknown) =>
    mergeBodies({ [key]: base }, { [key]: over })[key];
  for (const key of ['labels', 'annotations', 'sysctls', 'environment']) {
    expect(merged(key, { a: '1', b: '1' }, ['a=2', 'c=x=y', 'd'])).toEqual({
      a: '2',
      b: '1',
      c: 'x=y',
      d: null,
    });
    expect(merged(key, ['a=1'], { a: '2' })).toEqual({ a: '2' });
    expect(merged(key, ['a=1', 'b'], ['a=2'])).toEqual(['a=2', 'b']);
  }
  expect(merged('environment', { a: '1' }, { a: null })).toEqual({ a: null });
  expect(merged('deploy', { labels: { a: '1' } }, { labels: ['a=2'] })).toEqual({ labels: { a: '2' } });
});

test('a service that is only named in depends_on is waited for until it has started', () => {
  const healthy = { y: { condition: 'service_healthy', restart: true }, x: { condition: 'service_healthy' } };
  expect(mergeBodies({ depends_on: healthy }, { depends_on: ['y', 'z'] }).depends_on).toEqual({
    y: { condition: 'service_started', restart: true },
    x: { condition: 'service_healthy' },
    z: { condition: 'service_started' },
  });
  expect(mergeBodies({ depends_on: ['y'] }, { depends_on: { y: { condition: 'service_healthy' } } })).toEqual(
    {
      depends_on: { y: { condition: 'service_healthy' } },
    },
  );
});

test('one text stands for a list of one', () => {
  for (const key of ['tmpfs', 'dns', 'dns_search', 'env_file'])
    expect(mergeBodies({ [key]: '/run' }, { [key]: ['/tmp', '/run'] })).toEqual({ [key]: ['/run', '/tmp'] });
  expect(mergeBodies({ build: './a' }, { build: { args: ['A=1'] } })).toEqual({
    build: { context: './a', args: ['A=1'] },
  });
});

test('hosts may have several addresses, and configs one place', () => {
  expect(mergeBodies({ extra_hosts: ['a:1', 'b:1'] }, { extra_hosts: { a: '2' } })).toEqual({
    extra_hosts: ['a:1', 'b:1', 'a=2'],
  });
  expect(mergeBodies({ extra_hosts: { a: '1' } }, { extra_hosts: { a: ['1', '2'] } })).toEqual({
    extra_hosts: ['a=1', 'a=2'],
  });
  expect(mergeBodies({ configs: ['c', 'd'] }, { configs: [{ source: 'e', target: '/c' }] })).toEqual({
    configs: [{ source: 'e', target: '/c' }, 'd'],
  });
});

test('options of one logging driver are not given to another', () => {
  const json = { driver: 'json-file', options: { a: '1' } };
  expect(mergeBodies({ logging: json }, { logging: { options: { b: '1' } } }).logging).toEqual({
    driver: 'json-file',
    options: { a: '1', b: '1' },
  });
  expect(mergeBodies({ logging: json }, { logging: { driver: 'local' } }).logging).toEqual({
    driver: 'local',
  });
});

test.each([
  [{ ports: ['80:80'] }, { ports: { web: 80 } }, 'ports'],
  [{ ports: ['80:80'] }, { ports: '80:80' }, 'ports'],
  [{ labels: { a: '1' } }, { labels: 'a' }, 'labels'],
  [{ deploy: { resources: { limits: {} } } }, { deploy: { resources: 'many' } }, 'deploy.resources'],
  [{ restart: 'no' }, { restart: ['no'] }, 'restart'],
  [{ depends_on: ['a'] }, { depends_on: 'b' }, 'depends_on'],
])('%o and %o have no common shape', (base, over, path) => {
  const merging = () => mergeBodies(base, over);
  expect(merging).toThrow(CannotMerge);
  expect(merging).toThrow(`${path} has another shape`);
});

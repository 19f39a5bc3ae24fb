import { expect, test } from 'vitest';
import { mergeBodies } from '../../src/render/merge.js';

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

test('a mount replaces an earlier one on the same target', () => {
  const base = {
    volumes: ['./a:/opt/a', './b:/opt/b:ro', { type: 'volume', source: 'c', target: '/opt/c' }],
  };
  const over = { volumes: ['./mine:/opt/b', { type: 'bind', source: './c', target: '/opt/c' }] };
  expect(mergeBodies(base, over)).toEqual({
    volumes: ['./a:/opt/a', './mine:/opt/b', { type: 'bind', source: './c', target: '/opt/c' }],
  });
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

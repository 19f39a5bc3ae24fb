import { expect, test } from 'vitest';
import type { ServiceState } from '../../../src/output/events.js';
import type { StackContainer } from '../../../src/stack/observe/containers.js';
import { difference } from '../../../src/stack/observe/difference.js';
import type { Wanted } from '../../../src/stack/observe/wanted.js';

const WANTED: Wanted = {
  dependsOn: { web: ['seed'], seed: [], flower: [] },
  oneShots: new Set(['seed']),
  idle: new Set(['flower']),
  replicas: { web: 2, seed: 1, flower: 1 },
  reserved: {},
  images: {},
  ports: {},
  networks: {
    web: [
      { key: 'inner', name: undefined },
      { key: 'outer', name: 'shared' },
    ],
  },
  profiles: ['flower'],
  probes: [],
  hashes: { web: 'w', seed: 's' },
};

function container(label: string, state: ServiceState, about: Partial<StackContainer> = {}): StackContainer {
  const [service = '', number] = label.split('-');
  return {
    id: label,
    label,
    service,
    number: Number(number),
    state,
    exitCode: undefined,
    image: 'a',
    configHash: service === 'web' ? 'w' : 's',
    ports: [],
    waitsFor: [],
    networks: { p_inner: '', shared: '' },
    ...about,
  };
}
const AS_WANTED = [container('seed-1', 'done'), container('web-1', 'healthy'), container('web-2', 'running')];

/** What differs, a line each. */
const said = (containers: StackContainer[], wanted: Partial<Wanted> = {}) =>
  difference({ ...WANTED, ...wanted }, containers, 'p').map(
    ({ kind, service, cause }) => `${kind}: ${service}: ${cause}`,
  );

test('a stack that is as it is wanted has no difference', () => {
  expect(said(AS_WANTED)).toEqual([]);
});

test('a service without a container is gone; one whose profile is not in use is not', () => {
  expect(said([])).toEqual(['gone: web: has no container', 'gone: seed: has no container']);
  expect(said(AS_WANTED, { idle: new Set() })).toEqual(['gone: flower: has no container']);
});

test('too few and too many are told with both numbers', () => {
  const [seed, first, second] = AS_WANTED as [StackContainer, StackContainer, StackContainer];
  expect(said([seed, first])).toEqual(['missing: web: 1 of it where 2 are wanted']);
  expect(said([seed, first, second, container('web-3', 'healthy')])).toEqual([
    'surplus: web: 3 of it where 2 are wanted',
  ]);
  const none = { replicas: { ...WANTED.replicas, web: 0 }, idle: new Set(['flower', 'web']) };
  expect(said([seed], none)).toEqual([]);
  expect(said([seed, first], none)).toEqual(['surplus: web: 1 of it where 0 are wanted']);
});

test('one that nothing wants is unknown', () => {
  expect(said([...AS_WANTED, container('gone-1', 'running')])).toEqual([
    'unknown: gone: nothing wants it any more',
  ]);
});

test('one that was made from other files has changed; where nobody asked Compose, nothing has', () => {
  const containers = [...AS_WANTED.slice(0, 2), container('web-2', 'running', { configHash: 'old' })];
  expect(said(containers)).toEqual(['changed: web: compose.yaml or .env has changed since the start']);
  expect(said(containers, { hashes: undefined })).toEqual([]);
  const flower = container('flower-1', 'running', { configHash: 'of another start', networks: {} });
  expect(said([...AS_WANTED, flower])).toEqual([]);
});

test('one that lacks a network is cut off; one that does not run has none', () => {
  const [seed, first] = AS_WANTED as [StackContainer, StackContainer];
  const second = container('web-2', 'healthy', { networks: { p_inner: '' } });
  expect(said([seed, first, second])).toEqual(['cut off: web: web-2 is not connected to shared']);
  expect(said([seed, first, { ...second, state: 'exited', networks: {} }])).toEqual([
    'state: web: web-2 is exited',
  ]);
});

test.each(['created', 'starting', 'unhealthy', 'restarting', 'paused', 'exited'] as const)(
  'one that is %s differs',
  (state) => {
    const containers = [...AS_WANTED.slice(0, 2), container('web-2', state)];
    expect(said(containers)).toEqual([`state: web: web-2 is ${state}`]);
    expect(difference(WANTED, containers, 'p')[0]?.container?.label).toBe('web-2');
  },
);

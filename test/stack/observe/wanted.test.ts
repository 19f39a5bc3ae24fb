import { describe, expect, test } from 'vitest';
import { Catalog } from '../../../src/catalog/catalog.js';
import { resolveBlueprint } from '../../../src/catalog/resolve.js';
import type { ComposeModel } from '../../../src/stack/observe/model.js';
import { foldedWanted, wantedFrom } from '../../../src/stack/observe/wanted.js';
import { component, OWN, ownBlueprint, playCatalog } from '../../catalog/play-catalog.js';
import { playProject } from '../play-project.js';

const own = (active: string[] = []) =>
  foldedWanted({ project: playProject(), blueprint: ownBlueprint() }, active);

describe('what the components of the celery topology want', () => {
  test('is postgres and redis first, then init, then the rest', () => {
    const { dependsOn, oneShots } = own();
    expect(dependsOn.postgres).toEqual([]);
    expect(dependsOn.redis).toEqual([]);
    expect(dependsOn['airflow-init']).toEqual(['postgres']);
    for (const service of ['airflow-scheduler', 'airflow-webserver', 'airflow-worker', 'airflow-triggerer'])
      expect(dependsOn[service]).toEqual(expect.arrayContaining(['airflow-init', 'postgres']));
    expect([...oneShots]).toEqual(['airflow-init']);
  });

  test('is flower and the CLI only with their profiles', () => {
    expect([...own().idle].sort()).toEqual(['airflow-cli', 'flower']);
    expect([...own(['flower']).idle]).toEqual(['airflow-cli']);
    expect(own().profiles).toEqual(['debug', 'flower']);
  });

  test('is as many workers as .env says', () => {
    expect(own().replicas['airflow-worker']).toBe(2);
    const project = playProject('AIRFLOW_WORKERS=3\n');
    const { replicas } = foldedWanted({ project, blueprint: ownBlueprint() });
    expect(replicas['airflow-worker']).toBe(3);
    expect(replicas.redis).toBe(1);
  });
});

test('nobody waits for the probe of a service whose profile is not in use, or that is not there', () => {
  const { catalog } = playCatalog({
    'topologies/mine': 'components: [part]\n',
    'components/part': component(
      'ready:\n  - { service: web, exec: [a] }\n  - { service: extra, exec: [a] }\n  - { service: absent, exec: [a] }',
      `services:
  web: { image: a }
  extra: { image: a, profiles: [extra] }
`,
    ),
    'components/other': component('', 'services:\n  absent: { image: a }\n'),
  });
  const blueprint = resolveBlueprint(catalog, { topology: 'mine', components: [], airflow: '2.11.2' });
  const probed = (active: string[]) =>
    foldedWanted({ project: playProject(), blueprint }, active).probes.map((probe) => probe.service);
  expect(probed([])).toEqual(['web']);
  expect(probed(['extra'])).toEqual(['web', 'extra']);
});

describe("what Compose's model wants", () => {
  const wanted = (services: ComposeModel['services'], env = '', networks: ComposeModel['networks'] = {}) =>
    wantedFrom({ services, networks }, { project: playProject(env), blueprint: ownBlueprint() }, ['mine']);

  test('is the number of containers of `scale`, else of `deploy.replicas`, with variables', () => {
    const { replicas, idle } = wanted(
      {
        a: { scale: 2 },
        b: { deploy: { replicas: 3 } },
        // Compose's schema allows a text, for a variable
        c: { deploy: { replicas: '${MANY:-4}' } },
        d: { scale: '${MANY}' },
        e: { scale: 0 },
        f: {},
      },
      'MANY=5\n',
    );
    expect(replicas).toEqual({ a: 2, b: 3, c: 5, d: 5, e: 0, f: 1 });
    expect([...idle]).toEqual(['e']);
  });

  test('is the memory that all containers of a service reserve', () => {
    const reserving = (memory: string | number, replicas: string | number) => ({
      deploy: { replicas, resources: { reservations: { memory } } },
    });
    const services = {
      a: reserving('${HEAP}M', '${MANY}'),
      b: reserving('1gb', 1),
      c: reserving(4096, 2),
      d: reserving('much', 1),
      e: {},
    };
    const { reserved } = wanted(services as ComposeModel['services'], 'MANY=3\nHEAP=100\n');
    expect(reserved).toEqual({ a: 300 * 1024 ** 2, b: 1024 ** 3, c: 8192, d: 0 });
  });

  test('is what each service waits for, in a list or a map', () => {
    const { dependsOn, oneShots } = wanted({
      a: { depends_on: ['b'] },
      b: { depends_on: { c: { condition: 'service_completed_successfully' } } },
      c: {},
    });
    expect(dependsOn).toEqual({ a: ['b'], b: ['c'], c: [] });
    expect([...oneShots]).toEqual(['c']);
  });

  test('is the services of the profiles in use', () => {
    const { idle, profiles } = wanted({ a: { profiles: ['mine', 'x'] }, b: { profiles: ['x'] }, c: {} });
    expect([...idle]).toEqual(['b']);
    expect(profiles).toEqual(['mine', 'x']);
  });

  test('is the networks, under the name that they have on the engine', () => {
    const { networks } = wanted(
      { a: { networks: ['one'] }, b: { networks: { two: null, three: { aliases: ['x'] } } } },
      'NET=shared\n',
      { one: { name: 'p_one' }, two: { name: '${NET}' }, three: null },
    );
    expect(networks.a).toEqual([{ key: 'one', name: 'p_one' }]);
    expect(networks.b).toEqual([
      { key: 'two', name: 'shared' },
      { key: 'three', name: undefined },
    ]);
  });
});

test("gather's own stacks are all read", () => {
  const catalog = new Catalog([OWN]);
  for (const topology of catalog.topologyNames()) {
    const blueprint = ownBlueprint([], topology);
    const { replicas } = foldedWanted({ project: playProject(), blueprint });
    expect(Object.values(replicas).every(Number.isInteger)).toBe(true);
  }
});

import { describe, expect, test } from 'vitest';
import { resolveBlueprint } from '../../src/catalog/resolve.js';
import { fold, namesOf, ownServices, whole } from '../../src/render/fold.js';
import { component, fault, ownBlueprint, playCatalog } from '../catalog/play-catalog.js';

/** @param outside components that are there, and not part of the stack */
function folded(components: Record<string, string>, outside: Record<string, string> = {}) {
  const texts = Object.fromEntries(
    Object.entries({ ...components, ...outside }).map(([name, text]) => [`components/${name}`, text]),
  );
  const { catalog } = playCatalog({
    ...texts,
    'topologies/mine': `components: [${Object.keys(components).join(', ')}]\n`,
  });
  const result = fold(resolveBlueprint(catalog, { topology: 'mine', components: [], airflow: '2.11.2' }));
  const service = (name: string) => {
    const found = result.services.find((one) => one.name === name);
    return found && whole(found, result.templates);
  };
  return { ...result, names: result.services.map((one) => one.name), service };
}

const BASE = component(
  'templates: [common]',
  `services:
  common: { image: a, environment: { A: "1" }, networks: [inner] }
  web: { extends: { service: common }, environment: { B: "1" } }
networks: { inner: , unused: }
volumes: { unused: }
`,
);

describe('folding', () => {
  test('lays a service over its template, and a template is no service', () => {
    const { names, service } = folded({ base: BASE });
    expect(names).toEqual(['web']);
    expect(service('web')).toEqual({ image: 'a', environment: { A: '1', B: '1' }, networks: ['inner'] });
  });

  test('a later component changes a template for all, or one service alone', () => {
    const { service } = folded({
      base: BASE,
      more: component(
        `changes:
  common: { environment: { EVERYWHERE: "1" } }
  web: { environment: { HERE: "1" }, networks: [other] }`,
        `services:
  second: { extends: { service: common } }
networks: { other: }
`,
      ),
    });
    expect(service('web')).toEqual({
      image: 'a',
      environment: { A: '1', EVERYWHERE: '1', B: '1', HERE: '1' },
      networks: ['inner', 'other'],
    });
    expect(service('second')).toEqual({
      image: 'a',
      environment: { A: '1', EVERYWHERE: '1' },
      networks: ['inner'],
    });
  });

  test('a change to a service that the stack does not have is dropped', () => {
    const change = component(
      'changes: { gone: { environment: { A: "1" } }, web: { environment: { C: "1" } } }',
    );
    const { names, service } = folded(
      { base: BASE, change },
      { other: component('', 'services: { gone: { image: a } }\n') },
    );
    expect(names).toEqual(['web']);
    expect(service('web')?.environment).toEqual({ A: '1', B: '1', C: '1' });
  });

  test('a change to a service that no component has is refused with the nearest', () => {
    const error = fault(() =>
      folded({ base: BASE, change: component('changes:\n  weeb: { image: b }') }, {}),
    );
    expect(error.message).toBe(
      '"changes" names the service "weeb", which no component has; did you mean "web"?',
    );
    expect(error.where).toEqual({ file: expect.stringMatching(/change\.yaml$/), line: 4 });
  });

  test('a change comes on top of what the service itself has, whichever component is first', () => {
    const change = component('changes: { web: { image: b, environment: { B: "2" }, command: [x] } }');
    for (const components of [
      { base: BASE, change },
      { change, base: BASE },
    ])
      expect(folded(components).service('web')).toMatchObject({
        image: 'b',
        environment: { A: '1', B: '2' },
        command: ['x'],
      });
  });

  test('a service does not wait for one that is not there', () => {
    const { service } = folded({
      base: component(
        '',
        `services:
  web:
    image: a
    depends_on:
      database: { condition: service_healthy, required: false }
      queue: { condition: service_started }
  queue: { image: b, depends_on: { database: { condition: service_healthy, required: false } } }
`,
      ),
    });
    expect(service('web')?.depends_on).toEqual({ queue: { condition: 'service_started' } });
    expect(service('queue')).toEqual({ image: 'b' });
  });

  test('what no service uses is left out', () => {
    expect(folded({ base: BASE }).resources).toEqual({ networks: { inner: null }, volumes: {}, configs: {} });
  });

  test('a service may build on another service, which may build on a template', () => {
    const { service } = folded({
      base: BASE,
      twin: component('', 'services:\n  twin: { extends: { service: web }, environment: { C: "1" } }\n'),
    });
    expect(service('twin')).toMatchObject({ image: 'a', environment: { A: '1', B: '1', C: '1' } });
  });

  test('a chain of services is followed to its end, in whatever order they stand', () => {
    const chain = {
      a: 'a: { extends: b, environment: { A: "1" } }',
      b: 'b: { extends: { service: c }, environment: { B: "1" }, labels: [x=2] }',
      c: 'c: { image: i, environment: { C: "1" }, labels: { x: "1" } }',
    };
    for (const order of ['abc', 'acb', 'bac', 'bca', 'cab', 'cba'] as const) {
      const lines = [...order].map((name) => `  ${chain[name as 'a']}\n`).join('');
      const { service } = folded({ part: component('', `services:\n${lines}`) });
      expect(service('a')).toEqual({
        image: 'i',
        environment: { C: '1', B: '1', A: '1' },
        labels: { x: '2' },
      });
      expect(service('b')).toEqual({ image: 'i', environment: { C: '1', B: '1' }, labels: { x: '2' } });
      expect(service('c')).toEqual({ image: 'i', environment: { C: '1' }, labels: { x: '1' } });
    }
  });

  test('a chain that leads back to itself is refused with its line', () => {
    const error = fault(() =>
      folded({
        part: component('', 'services:\n  a: { extends: b }\n  b: { extends: c }\n  c: { extends: b }\n'),
      }),
    );
    expect(error).toMatchObject({
      code: 'COMPONENT_INVALID',
      message: 'service "b" extends itself, through c',
      where: { line: 5 },
    });
  });

  test('what is only named in depends_on is waited for, where the stack has it', () => {
    const { service } = folded({
      base: component(
        '',
        'services:\n  web: { image: a, depends_on: [queue, gone] }\n  queue: { image: b, depends_on: [gone] }\n',
      ),
    });
    expect(service('web')?.depends_on).toEqual({ queue: { condition: 'service_started' } });
    expect(service('queue')).toEqual({ image: 'b' });
  });

  test('what Compose would not merge is refused with its line', () => {
    const error = fault(() =>
      folded({
        base: BASE,
        more: component('changes:\n  web:\n    networks: mine\n'),
      }),
    );
    expect(error).toMatchObject({
      code: 'COMPONENT_INVALID',
      message: 'service "web": networks has another shape than what it is laid over',
    });
    expect(error.where?.file).toMatch(/more\.yaml$/);
    expect(error.where?.line).toBe(5);
  });

  test('extends without a service, or of one that nobody has, is refused', () => {
    expect(
      fault(() => folded({ bad: component('', 'services:\n  web: { extends: { other: a } }\n') })).message,
    ).toContain('extends of service "web" needs "service"');
    const error = fault(() =>
      folded({ bad: component('', 'services:\n  web: { extends: { service: nobody } }\n') }),
    );
    expect(error.message).toContain('"web" extends "nobody"');
    expect(error.where?.file).toMatch(/bad\.yaml$/);
  });
});

describe('the networks of the celery topology', () => {
  const { services, templates } = fold(ownBlueprint());
  const on = (network: string) =>
    services
      .filter((service) => {
        const { networks } = whole(service, templates);
        return (Array.isArray(networks) ? networks : Object.keys(networks ?? {})).includes(network);
      })
      .map((service) => service.name)
      .sort();

  test('let only the workers reach the socket proxy', () => {
    expect(on('docker')).toEqual(['airflow-worker', 'docker-socket-proxy']);
  });

  test('let only what uses them reach the databases', () => {
    expect(on('broker')).toEqual(['airflow-cli', 'airflow-scheduler', 'airflow-worker', 'flower', 'redis']);
    expect(on('database')).not.toContain('proxy');
    expect(on('database')).not.toContain('redis');
    expect(on('airflow')).not.toContain('postgres');
  });
});

test.each(['celery', 'eks', 'git-sync', 'clever-cloud'])(
  'no service of %s is on a network that nobody declares, whatever is outside the stack',
  (topology) => {
    for (const outside of [
      [],
      ['external-postgres'],
      ['external-s3'],
      ['external-postgres', 'external-s3', 's3-logs', 's3-dags'],
    ]) {
      const { services, templates, resources } = fold(ownBlueprint(outside, topology));
      const bodies = services.map((one) => whole(one, templates));
      const networks = bodies.flatMap(({ networks }) => namesOf(networks));
      expect(Object.keys(resources.networks).sort()).toEqual([...new Set(networks)].sort());
    }
  },
);

test('a component brings its own services; its templates are none', () => {
  const own = Object.fromEntries(ownBlueprint().components.map((one) => [one.name, ownServices(one)]));
  expect(own).toMatchObject({
    postgres: ['postgres'],
    celery: ['airflow-worker'],
    flower: ['flower'],
    'docker-socket-proxy': ['docker-socket-proxy'],
    'airflow-2': ['airflow-webserver'],
  });
  expect(own.airflow).not.toContain('airflow-common');
});

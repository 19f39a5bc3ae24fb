import { describe, expect, test } from 'vitest';
import { callable, reachable } from '../../src/catalog/bind.js';
import type { Blueprint } from '../../src/catalog/blueprint.js';
import { resolveBlueprint } from '../../src/catalog/resolve.js';
import { linksOf } from '../../src/render/project-files.js';
import { component, ownBlueprint, playCatalog } from './play-catalog.js';

test.each([
  ['', '127.0.0.1'],
  ['0.0.0.0', '127.0.0.1'],
  ['127.0.0.1', '127.0.0.1'],
  ['::', '[::1]'],
  ['[::]', '[::1]'],
  ['::1', '[::1]'],
  ['[2001:db8::7]', '[2001:db8::7]'],
  ['192.0.2.7', '192.0.2.7'],
  ['my-machine', 'my-machine'],
])('what listens at "%s" is called at %s', (host, called) => {
  expect(callable(host)).toBe(called);
});

test('it is a variable of every stack that publishes ports by it', () => {
  const bind = ({ variables }: Blueprint) => variables.filter(({ name }) => name === 'GATHER_BIND');
  expect(bind(ownBlueprint())).toEqual([expect.objectContaining({ type: 'address', default: '127.0.0.1' })]);
  const of = (services: string, block = '') => {
    const { catalog } = playCatalog({
      'topologies/mine': 'components: [part]\n',
      'components/part': component(block, services),
    });
    return bind(resolveBlueprint(catalog, { topology: 'mine', components: [], airflow: '2.11.2' }));
  };
  expect(of('services:\n  web: { image: a }\n')).toEqual([]);
  expect(of('services:\n  web: { image: a, ports: ["${GATHER_BIND}:80:80"] }\n')).toHaveLength(1);
  const own = of(
    'services:\n  web: { image: a, ports: ["${GATHER_BIND}:80:80"] }\n',
    'variables:\n  GATHER_BIND: { default: 0.0.0.0, type: address }',
  );
  expect(own).toEqual([expect.objectContaining({ default: '0.0.0.0', component: 'part' })]);
});

describe('links', () => {
  test.each([
    [undefined, 'http://localhost:8088/mail/?a=1'],
    ['', 'http://localhost:8088/mail/?a=1'],
    ['127.0.0.1', 'http://localhost:8088/mail/?a=1'],
    ['0.0.0.0', 'http://localhost:8088/mail/?a=1'],
    ['[::]', 'http://localhost:8088/mail/?a=1'],
    ['::', 'http://localhost:8088/mail/?a=1'],
    ['192.0.2.7', 'http://192.0.2.7:8088/mail/?a=1'],
    ['[::1]', 'http://[::1]:8088/mail/?a=1'],
  ])('say where something listens when the bind address is %j', (bind, link) => {
    expect(reachable(new URL('http://localhost:8088/mail/?a=1'), bind).href).toBe(link);
  });

  test('to another host stay as they are', () => {
    for (const link of ['https://airflow.example.com/', 'http://trino.localhost:8088/'])
      expect(reachable(new URL(link), '192.0.2.7').href).toBe(link);
  });

  test('of every component follow GATHER_BIND', () => {
    const links = (bind?: string) =>
      Object.values(
        linksOf(ownBlueprint(['minio']), (name) =>
          name === 'GATHER_BIND' ? bind : name.endsWith('PORT') ? '80' : 'x',
        ),
      ).map((link) => new URL(link).hostname);
    expect(links().length).toBeGreaterThan(2);
    expect(new Set(links())).toEqual(new Set(['localhost']));
    expect(new Set(links('192.0.2.7'))).toEqual(new Set(['192.0.2.7']));
  });
});

import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { lookupIn } from '../../src/catalog/lookup.js';
import { offered } from '../../src/catalog/offers.js';
import { resolveBlueprint } from '../../src/catalog/resolve.js';
import { component, fault, ownBlueprint, playCatalog } from './play-catalog.js';

const COLLECTOR = component(
  'collects: { metric: { job: text, target: text, "path?": url-path, "labels?": structure, "hosts?": list } }',
  'services: { prometheus: { image: a } }\n',
);

/** A stack with a collector and a component whose `x-gather` is given; a collector of `bucket` is there, and not in the stack. */
function stack(about: string, env: Record<string, string> = {}) {
  const { catalog, folder } = playCatalog({
    'topologies/mine': 'components: [part, collector]\n',
    'components/part': component(about),
    'components/collector': COLLECTOR,
    'components/outside': component('collects: { bucket: { user: text, "reads?": text } }'),
  });
  const selection = { topology: 'mine', components: [], airflow: '2.11.2' };
  return {
    resolve: () => resolveBlueprint(catalog, selection, (name) => env[name]),
    file: join(folder, 'components/part.yaml'),
  };
}
const itemsOf = (about: string, kind: string) =>
  stack(about)
    .resolve()
    .offers[kind]?.map(({ item }) => item);

describe('offers', () => {
  test('reach who collects their kind, in the order of the components, whichever comes first', () => {
    const about = 'offers: { metric: [{ job: a, target: "a:1" }, { job: b, target: "b:1", path: /m/ }] }';
    expect(itemsOf(about, 'metric')).toEqual([
      { job: 'a', target: 'a:1' },
      { job: 'b', target: 'b:1', path: '/m/' },
    ]);
  });

  test('of a kind that only a component outside the stack collects are dropped', () => {
    const { offers } = stack('offers: { bucket: [{ user: a }] }').resolve();
    expect(Object.keys(offers).sort()).toEqual(['login', 'metric']);
    expect(offers.metric).toEqual([]);
  });

  test('of a login are for gather itself', () => {
    const blueprint = stack('offers: { login: [{ username: A, password: B }] }').resolve();
    expect(blueprint.login).toEqual({ username: 'A', password: 'B' });
    expect(ownBlueprint().login).toEqual({
      username: '_AIRFLOW_WWW_USER_USERNAME',
      password: '_AIRFLOW_WWW_USER_PASSWORD',
    });
  });

  test.each([
    [
      'offers:\n  metrc: [{ job: a, target: b }]',
      4,
      'no component collects offers of the kind "metrc"; did you mean "metric"?',
    ],
    [
      'offers:\n  bukcet: [{ user: a }]',
      4,
      'no component collects offers of the kind "bukcet"; did you mean "bucket"?',
    ],
    [
      'offers:\n  metric:\n    - job: a\n      target: b\n      pth: /a/',
      7,
      'an offer of the kind "metric" has no key "pth"; did you mean "path"?',
    ],
    [
      'offers:\n  metric:\n    - { job: a, target: b }\n    - { job: a }',
      6,
      'an offer of the kind "metric" needs "target"',
    ],
    ['offers:\n  metric:\n    - { job: a, target: }', 5, 'an offer of the kind "metric" needs "target"'],
    [
      'offers:\n  metric:\n    - job: a\n      target: [b]',
      6,
      '"target" of an offer of the kind "metric" must be a text',
    ],
    [
      'offers:\n  metric:\n    - job: a\n      target: b\n      hosts: { a: b }',
      7,
      '"hosts" of an offer of the kind "metric" must be a list',
    ],
    ['offers:\n  login:\n    - username: A', 5, 'an offer of the kind "login" needs "password"'],
    // what nobody in the stack collects is read all the same
    [
      'offers:\n  bucket:\n    - { user: a, read: b }',
      5,
      'an offer of the kind "bucket" has no key "read"; did you mean "reads"?',
    ],
  ])('%j is refused with its line', (about, line, message) => {
    const { resolve, file } = stack(about);
    const error = fault(resolve);
    expect(error).toMatchObject({ code: 'COMPONENT_INVALID', where: { file, line } });
    expect(error.message).toBe(message);
  });

  test('of a kind that nobody knows name all kinds that there are', () => {
    expect(fault(stack('offers: { x: [] , nobodys: [{}] }').resolve).hints).toEqual([
      'known: bucket, login, metric',
    ]);
  });
});

describe('a value of an offer', () => {
  const about = `variables: { A_PATH: { default: a }, A_JOB: { default: j }, NONE: {} }
offers:
  metric:
    - { job: "\${A_JOB}", target: "x:\${NONE}", path: "/\${A_PATH}/", labels: { a: ["\${A_JOB}", 1, true] } }`;
  const value = (key: string, env: Record<string, string> = {}) => {
    const { offers, variables } = stack(about).resolve();
    const [offer] = offers.metric ?? [];
    return (
      offer &&
      offered(
        offer,
        key,
        lookupIn(variables, (name) => env[name]),
      )
    );
  };

  test('is filled in at any depth', () => {
    expect(value('job', { A_JOB: '${NONE} $x' })).toBe('${NONE} $x');
    expect(value('labels', { A_JOB: '"' })).toEqual({ a: ['"', 1, true] });
    expect(value('hosts')).toBeUndefined();
  });

  test('is checked with the variables filled in', () => {
    expect(value('path')).toBe('/a/');
    const error = fault(() => value('path', { A_PATH: '{a}' }));
    expect(error.message).toBe(
      '"path" of a metric is "/{a}/", and must begin and end with a slash, as /mail/ does',
    );
    expect(error.where?.line).toBe(6);
  });
});

describe('what is made of offers', () => {
  test.each([
    [
      'changes:\n  prometheus:\n    environment:\n      for metrc: { A: 1 }',
      6,
      /kind "metrc"; did you mean "metric"/,
    ],
    [
      'changes:\n  prometheus:\n    environment:\n      for metric:\n        A: ${item.jobb}',
      7,
      /offers have no "jobb" here; did you mean "job"/,
    ],
    [
      'changes:\n  prometheus:\n    environment:\n      for metric:\n        ${item.jbo}: a',
      7,
      /offers have no "jbo" here; did you mean "job"/,
    ],
    ['changes:\n  prometheus:\n    command: [a, "${item.job}"]', 5, /\$\{item.job\} stands outside/],
    [
      'files:\n  a:\n    format: json\n    value: { for: metrc, each: a }',
      6,
      /kind "metrc"; did you mean "metric"/,
    ],
    [
      'files:\n  a:\n    format: json\n    value: { for: metric, each: "${item.taget}" }',
      6,
      /no "taget" here; did you mean "target"/,
    ],
    ['files:\n  a:\n    format: json\n    value: "${item.job}"', 6, /\$\{item.job\} stands outside/],
    [
      'files:\n  a/:\n    format: json\n    value: 1\n    each: metrc\n    name: b',
      7,
      /kind "metrc"; did you mean "metric"/,
    ],
    [
      'files:\n  a/:\n    format: json\n    value: 1\n    each: metric\n    name: ${item.jb}',
      8,
      /no "jb" here; did you mean "job"/,
    ],
  ])('%j is refused with its line', (about, line, message) => {
    const { resolve, file } = stack(about);
    const error = fault(resolve);
    expect(error.message).toMatch(message);
    expect(error).toMatchObject({ code: 'COMPONENT_INVALID', where: { file, line } });
  });

  test('may be of a kind that only a component outside the stack collects', () => {
    const about = `changes: { prometheus: { environment: { for bucket: { "A_\${item.user}": "\${item.reads}" } } } }
files: { a: { format: json, value: [{ for: bucket, each: "\${item.user} of \${item.component}" }] } }`;
    expect(stack(about).resolve().components).toHaveLength(2);
  });
});

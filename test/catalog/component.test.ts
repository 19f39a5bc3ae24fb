import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseComponent, readComponent } from '../../src/catalog/component.js';
import { component, fault, OWN } from './play-catalog.js';

const parse = (text: string) => parseComponent(text, '/p/compose/components/part.yaml');

describe('a component', () => {
  test('is read in full', () => {
    const read = parse(`
x-gather:
  summary: A part, for tests
  requires: [other]
  airflow: 2
  variables:
    PART_PORT: { default: 8099, type: port, fallback: 8100, ask: Port of the part }
    PART_KEY: { generate: token, min: 8 }
    PART_URL: { secret: true, url: { scheme: http, host: part, port: "\${PART_PORT}" } }
  images:
    PART_IMAGE: { registry: "part:1", build: image, args: { VERSION: 1 } }
  provides: { mail: part, database: "" }
  offers: { route: [{ path: /part/, to: "http://part:80" }], mine: [{ a: 1 }, { b: [2] }] }
  collects: { mine: { "a?": text, "b?": list } }
  s3: { address: "http://localhost:\${PART_PORT}" }
  memory: 300
  changes: { other: { environment: { A: "1" } } }
  files: { part/part.ini: { format: ini, service: part, target: /etc/part.ini, value: { main: { a: 1 } } } }
  ready:
    - { service: part, http: { port: 80, path: /, json: { a.b: ok } } }
  state: { part-data: { rebuilt: true } }
  rotation: { PART_KEY: nothing else to do }
  causes: [{ says: "no .*", means: Nothing, try: [gather up] }]
services:
  part: { image: "\${PART_IMAGE}" }
networks:
  inner: { internal: true }
`);
    expect(read).toMatchObject({
      name: 'part',
      summary: 'A part, for tests',
      requires: ['other'],
      airflow: 2,
      images: [
        {
          variable: 'PART_IMAGE',
          component: 'part',
          registry: 'part:1',
          build: 'image',
          args: { VERSION: '1' },
          files: {},
        },
      ],
      provides: { mail: 'part', database: '' },
      offers: [
        { kind: 'route', index: 0, item: { path: '/part/', to: 'http://part:80' } },
        { kind: 'mine', index: 0, item: { a: 1 } },
        { kind: 'mine', index: 1, item: { b: [2] } },
      ],
      collects: { mine: { a: { type: 'text', optional: true }, b: { type: 'list', optional: true } } },
      memory: 300,
      changes: { other: { environment: { A: '1' } } },
      files: {
        'part/part.ini': {
          format: 'ini',
          service: ['part'],
          target: '/etc/part.ini',
          value: { main: { a: 1 } },
        },
      },
      state: { 'part-data': { rebuilt: true } },
      rotation: { PART_KEY: 'nothing else to do' },
      causes: [{ says: 'no .*', means: 'Nothing', try: ['gather up'] }],
      s3: { address: 'http://localhost:${PART_PORT}' },
      probes: [{ service: 'part', json: { 'a.b': 'ok' } }],
      services: { part: { image: '${PART_IMAGE}' } },
      resources: { networks: { inner: { internal: true } }, volumes: {}, configs: {} },
    });
    const [port, key, url] = read.variables;
    const from = { component: 'part', group: 'A part' };
    expect(port).toEqual({
      ...from,
      name: 'PART_PORT',
      default: '8099',
      type: 'port',
      fallback: 8100,
      ask: 'Port of the part',
    });
    // nothing that is not written: another component may have said it
    expect(key).toEqual({ ...from, name: 'PART_KEY', generate: 'token', min: 8 });
    expect(url).toMatchObject({ secret: true, url: { scheme: 'http', host: 'part', port: '${PART_PORT}' } });
  });

  const wrong: [what: string, text: string, line: number, message: RegExp, hint?: RegExp][] = [
    [
      'a wrong key',
      component('requries: [a]'),
      3,
      /unknown key "requries".*did you mean "requires"/,
      /allowed: .*conflicts/,
    ],
    [
      'a wrong key of a variable',
      component('variables:\n  A: { defualt: 1 }'),
      4,
      /"defualt" in x-gather.variables.A.*"default"/,
    ],
    [
      'a wrong type of value',
      component('requires: airflow'),
      3,
      /x-gather.requires must be a list of text, and is a text/,
    ],
    [
      'a wrong type of number',
      component('airflow: two'),
      3,
      /x-gather.airflow must be a number, and is a text/,
    ],
    [
      'a flag that is none',
      component('variables:\n  A: { secret: yes please }'),
      4,
      /must be a true or false/,
    ],
    [
      'an unknown type of variable',
      component('variables:\n  A: { type: prot }'),
      4,
      /type is "prot"; did you mean "port"/,
      /allowed: .*identifier/,
    ],
    ['an unknown generator', component('variables:\n  A: { generate: tokn }'), 4, /did you mean "token"/],
    ['a name that is none', component('variables:\n  A-B: {}'), 4, /"A-B" cannot be the name of a variable/],
    [
      'a url without a host',
      component('variables:\n  A: { url: { scheme: http } }'),
      4,
      /x-gather.variables.A.url needs "host"/,
    ],
    ['an image from nowhere', component('images:\n  I: {}'), 4, /needs "registry".* or "build"/],
    [
      'arguments of an image that is not built',
      component('images:\n  I: { registry: a, args: { A: 1 } }'),
      4,
      /are for an image with "build"/,
    ],
    [
      'a folder of somebody else',
      component('images:\n  I:\n    build: ../../.ssh'),
      5,
      /beside the component's file/,
    ],
    [
      'a file of somebody else',
      component('images:\n  I:\n    build: a\n    files:\n      a: ./../x'),
      7,
      /the file "a" may not leave/,
    ],
    [
      'a file outside the build',
      component('images:\n  I:\n    build: a\n    files:\n      /etc/a: x'),
      7,
      /the file "\/etc\/a" may not leave/,
    ],
    [
      'a fact that gather does not have',
      component('images:\n  I:\n    build: a\n    args:\n      A: ${gather.airflow.relased}'),
      7,
      /no "gather.airflow.relased".*did you mean "gather.airflow.released"/,
      /gather.requirements/,
    ],
    [
      'a name that only a project knows',
      component('images:\n  I:\n    registry: a:${gather.airflow.released}'),
      5,
      /no "gather.airflow.released" for this/,
    ],
    [
      'DAGs from nowhere',
      component('dags: { from: git }'),
      3,
      /x-gather.dags from a bucket or git needs "address"/,
    ],
    [
      'an S3 server without an address',
      component('s3: { access_key: a, secret_key: b }'),
      3,
      /x-gather.s3 needs "address"/,
    ],
    [
      'half a key',
      component('s3: { address: a, access_key: b }'),
      3,
      /x-gather.s3 needs both "access_key" and "secret_key"/,
    ],
    [
      'a service that is ready without a question',
      component('ready:\n  - { service: a }'),
      4,
      /x-gather.ready.0 needs a question: "http", "tcp" or "exec"/,
    ],
    ['a question to nobody', component('ready:\n  - exec: [a]'), 4, /x-gather.ready.0 needs "service"/],
    [
      'a port that is none',
      component('ready:\n  - service: a\n    tcp: { port: 0 }'),
      5,
      /x-gather.ready.0.tcp.port must be at least 1/,
    ],
    [
      'a path that is no template',
      component('ready:\n  - service: a\n    http: { port: 80, path: [/] }'),
      5,
      /x-gather.ready.0.http.path must be a text, and is a list/,
    ],
    [
      'a type that no offer has',
      component('collects:\n  metric:\n    path: url-pth'),
      5,
      /x-gather.collects.metric.path is "url-pth"; did you mean "url-path"/,
      /allowed: text, list, structure, url-path, host, http-url, service/,
    ],
    [
      'offers as a map',
      component('offers:\n  route: { path: / }'),
      4,
      /x-gather.offers.route must be a list/,
    ],
    ['an offer as a text', component('offers:\n  route:\n    - /a'), 5, /offers.route.0 must be a map/],
    ['a change as a list', component('changes:\n  web: [a]'), 4, /x-gather.changes.web must be a map/],
    [
      'a file in no format',
      component('files:\n  a.toml: { format: jsn, value: {} }'),
      4,
      /files.a.toml.format is "jsn"; did you mean "json"/,
      /allowed: yaml, json, properties, ini, sql, nginx/,
    ],
    ['a file without a value', component('files:\n  a: { format: json }'), 4, /files.a needs .*"value"/],
    [
      'a file for a service without a place',
      component('files:\n  a: { format: json, value: {}, service: web }'),
      4,
      /files.a needs both "service" and "target"/,
    ],
    [
      'files without names',
      component('files:\n  a/: { format: json, value: {}, each: metric }'),
      4,
      /files.a\/ needs both .* "each" and "name"/,
    ],
    ['a cause without a meaning', component('causes:\n  - says: a'), 4, /x-gather.causes.0 needs "means"/],
    [
      'a slip in summary',
      'x-gather:\n  sumary: a\n',
      2,
      /unknown key "sumary" in x-gather; did you mean "summary"/,
    ],
    ['no summary', 'x-gather:\n  requires: []\n', 1, /x-gather needs "summary"/],
    ['an empty summary', 'x-gather:\n  summary:\n', 2, /x-gather.summary must be a text, and is empty/],
    ['no x-gather', 'services: {}\n', 1, /x-gather/],
    [
      'a key of what was before offers',
      component('routes: { /a/: "http://a" }'),
      3,
      /unknown key "routes" in x-gather/,
      /allowed: .*offers/,
    ],
    [
      'a key that Compose has and a component may not',
      component('', 'version: "3"\n'),
      3,
      /top-level key "version"/,
      /allowed: x-gather, services/,
    ],
    [
      'a container_name',
      component('', 'services:\n  a:\n    image: a\n    container_name: b\n'),
      6,
      /container_name forbids a second stack/,
    ],
    [
      'environment as a list',
      component('', 'services:\n  a:\n    environment: [A=1]\n'),
      5,
      /environment as a map/,
    ],
    [
      'a service of another file',
      component(
        '',
        'services:\n  a:\n    extends:\n      file: airflow.yaml\n      service: airflow-common\n',
      ),
      6,
      /service "a" takes from another component has no file/,
      /x-gather.changes/,
    ],
    ['services as a list', component('', 'services: [a]\n'), 3, /services must be a map, and is a list/],
    ['bad YAML', component('', 'services: {a: [}\n'), 3, /not valid YAML/],
  ];

  test.each(wrong)('with %s is refused with its line', (_what, text, line, message, hint = /(?:)/) => {
    const error = fault(() => parse(text));
    expect(error.message).toMatch(message);
    expect(error.code).toBe('COMPONENT_INVALID');
    expect(error.where).toEqual({ file: '/p/compose/components/part.yaml', line });
    expect(error.hints.join('\n')).toMatch(hint);
  });

  const own = readdirSync(join(OWN, 'components'));
  test.each(own)('%s of gather itself can be read', (file) => {
    const read = readComponent(join(OWN, 'components', file, 'component.yaml'));
    expect(read.name).toBe(file);
    // a password is never in a component
    expect(
      read.variables.filter(
        (variable) => variable.secret && variable.default && !variable.default.startsWith('${'),
      ),
    ).toEqual([]);
  });
});

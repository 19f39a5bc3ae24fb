import { join } from 'node:path';
import { expect, test } from 'vitest';
import { resolveBlueprint } from '../../src/catalog/resolve.js';
import { component, fault, playCatalog } from './play-catalog.js';

/** A route whose key stands on the fifth line of the component. */
const ROUTE = 'offers:\n  route:\n    - { to: "http://a", ';

function stack(about: string) {
  const { catalog, folder } = playCatalog({
    'topologies/mine': 'components: [base, part]\n',
    'components/base': component(
      [
        'templates: [common]',
        'variables: { PREFIX: { default: a/b }, NOTHING: {}, EMPTY: { default: "" }, PASS: { secret: true } }',
        'images: { BASE_IMAGE: { build: base } }',
        'collects: { route: { "path?": url-path, "host?": host, to: http-url } }',
      ].join('\n'),
      'services: { common: { image: a }, web: { image: a } }\n',
    ),
    'components/part': component(about),
    // a component that is not in the stack
    'components/outside': component('', 'services: { gone: { image: a } }\n'),
  });
  const work = () => resolveBlueprint(catalog, { topology: 'mine', components: [], airflow: '2.11.2' });
  return { work, file: join(folder, 'components/part.yaml') };
}

test.each([
  'ready: [{ service: web, exec: [a] }, { service: gone, exec: [a] }]',
  'passes: { web: [A_*], common: [A_*], gone: [A_*] }',
  'changes: { web: { image: b }, common: { image: b }, gone: { image: b } }',
  'provides: { web: web, objects: gone, database: "" }',
  'files: { a: { format: json, value: 1, service: web, target: /a }, b: { format: json, value: 1, service: gone, target: /b } }',
  'offers: { route: [{ path: /, to: "http://a" }, { path: "/${PREFIX}/", to: "http://b:80/c" }, { path: "/${NOTHING}/", to: "https://c" }] }',
  'offers: { route: [{ path: "${NOTHING}", to: "${NOTHING}" }, { host: mail.localhost, to: "http://d" }] }',
  'links: { A: "http://localhost:80/${PREFIX}/", B: "${NOTHING}" }',
  'images: { I: { build: i, on: BASE_IMAGE, args: { A: "${PREFIX}-${gather.airflow.version}", B: "$${NOBODY}" } } }',
  'images: { I: { build: i, files: { a: "./${NOBODY}", b: "${gather.requirements}" } } }',
])('%s is accepted', (about) => {
  expect(stack(about).work().components).toHaveLength(2);
});

test.each([
  ['ready:\n  - service: wbe\n    exec: [a]', 4, /"ready" asks the service "wbe".*did you mean "web"/],
  ['passes:\n  comon: [A_*]', 4, /"passes" names the service "comon".*did you mean "common"/],
  ['changes:\n  wbe: {}', 4, /"changes" names the service "wbe", which no component has; did you mean "web"/],
  ['changes:\n  web: {}\n  gon: {}', 5, /"changes" names the service "gon".*did you mean "gone"/],
  ['provides:\n  web: wbe', 4, /"provides" names the service "wbe".*did you mean "web"/],
  [
    'files:\n  a:\n    format: json\n    value: 1\n    service: wbe\n    target: /a',
    7,
    /the file is for the service "wbe".*did you mean "web"/,
  ],
  [`${ROUTE}path: mail/ }`, 5, /"path" of a route is "mail\/", and must begin and end with a slash/],
  [`${ROUTE}path: /mail }`, 5, /"path" of a route is "\/mail", and must/],
  [`${ROUTE}path: "/a b/" }`, 5, /"path" of a route/],
  [`${ROUTE}path: "/a;/" }`, 5, /"path" of a route/],
  // what a variable makes of it counts
  [`${ROUTE}path: "/\${PREFIX}" }`, 5, /"path" of a route is "\/a\/b", and must/],
  [`${ROUTE}path: "/\${EMPTY}/" }`, 5, /"path" of a route is "\/\/", and must/],
  [`${ROUTE}host: a_b }`, 5, /"host" of a route is "a_b", and must be the name of a host/],
  [`${ROUTE}host: "\${PREFIX}" }`, 5, /"host" of a route is "a\/b", and must be the name of a host/],
  [
    'offers:\n  route:\n    - to: mailpit:8025',
    5,
    /"to" of a route is "mailpit:8025", and must be an address such as http/,
  ],
  ['offers:\n  route:\n    - to: "http://a;b"', 5, /"to" of a route .* must be an address/],
  ['offers:\n  route:\n    - to: "ftp://a"', 5, /"to" of a route .* must be an address/],
  ['links:\n  A: localhost/', 4, /the link "A" is no URL/],
  ['links:\n  A: "localhost:8025"', 4, /the link "A" is no URL/],
  ['links:\n  A: "${PREFIX}"', 4, /the link "A" is no URL, .*: \$\{PREFIX\}/],
  [
    'images:\n  I:\n    build: i\n    on: BASE_IMGE',
    6,
    /I stands on BASE_IMGE, which no.*did you mean "BASE_IMAGE"/,
  ],
  ['images:\n  I: { build: i, on: J }\n  J: { build: i, on: I }', 4, /image I stands on itself/],
  ['images:\n  I:\n    build: i\n    args:\n      A: ${PREFX}', 7, /names PREFX.*did you mean "PREFIX"/],
  ['images:\n  I:\n    build: i\n    files:\n      a: x ${PASS}', 7, /would hold PASS, which is a secret/],
  ['links:\n  A: "http://${"', 4, /does not name a variable/],
])('%j is refused with its line', (about, line, message) => {
  const { work, file } = stack(about);
  const error = fault(work);
  expect(error.code).toBe('COMPONENT_INVALID');
  expect(error.message).toMatch(message);
  expect(error.where).toEqual({ file, line });
});

import { join } from 'node:path';
import { expect, test } from 'vitest';
import { resolveBlueprint } from '../../src/catalog/resolve.js';
import { component, fault, playCatalog } from './play-catalog.js';

function stack(about: string) {
  const { catalog, folder } = playCatalog({
    'topologies/mine': 'components: [base, part]\n',
    'components/base': component(
      [
        'templates: [common]',
        'variables: { PREFIX: { default: a/b }, NOTHING: {}, EMPTY: { default: "" }, PASS: { secret: true } }',
        'images: { BASE_IMAGE: { build: base } }',
      ].join('\n'),
      'services: { common: { image: a }, web: { image: a } }\n',
    ),
    'components/part': component(about, 'services: { gone: { extends: { file: x.yaml, service: gone } } }\n'),
  });
  const work = () => resolveBlueprint(catalog, { topology: 'mine', components: [], airflow: '2.11.2' });
  return { work, file: join(folder, 'components/part.yaml') };
}

test.each([
  'probes: [{ service: web, command: [a] }, { service: gone, command: [a] }]',
  'passes: { web: [A_*], common: [A_*] }',
  'routes: { /: "http://a", "/${PREFIX}/": "http://b", "/${NOTHING}/": "http://c", "${NOTHING}": "http://d" }',
  'links: { A: "http://localhost:80/${PREFIX}/", B: "${NOTHING}" }',
  'images: { I: { build: i, on: BASE_IMAGE, args: { A: "${PREFIX}-${gather.airflow.version}", B: "$${NOBODY}" } } }',
  'images: { I: { build: i, files: { a: "./${NOBODY}", b: "${gather.requirements}" } } }',
])('%s is accepted', (about) => {
  expect(stack(about).work().components).toHaveLength(2);
});

test.each([
  ['probes:\n  - service: wbe\n    command: [a]', 4, /probe is for the service "wbe".*did you mean "web"/],
  ['passes:\n  comon: [A_*]', 4, /"passes" names the service "comon".*did you mean "common"/],
  ['routes:\n  mail/: "http://a"', 4, /the route "mail\/" must begin and end with a slash/],
  ['routes:\n  /mail: "http://a"', 4, /the route "\/mail" must/],
  ['routes:\n  "/a b/": "http://a"', 4, /the route/],
  ['routes:\n  "/${PREFIX}": "http://a"', 4, /the route/],
  ['routes:\n  "/${EMPTY}/": "http://a"', 4, /the route/],
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

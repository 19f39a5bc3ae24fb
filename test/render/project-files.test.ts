import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { resolveBlueprint } from '../../src/catalog/resolve.js';
import { databasesOf, linksOf, renderProject } from '../../src/render/project-files.js';
import { component, fault, ownBlueprint, playCatalog } from '../catalog/play-catalog.js';

const VALUES: Record<string, string> = {
  AF_PASS: 'hunter-2-secret',
  PROXY_PORT: '8088',
  AIRFLOW__CELERY__FLOWER_URL_PREFIX: 'deep/flower',
  AIRFLOW__DATABASE__SQL_ALCHEMY_CONN: 'postgresql+psycopg2://r%40le:p%27w@db/d_1',
};
const env = (name: string) => VALUES[name];

describe('the generated files of a project', () => {
  const files = renderProject(ownBlueprint(), env);
  const text = (path: string) => files.find((file) => file.path === path)?.text ?? '';

  test('are six, and the one with a password is closed', () => {
    expect(files.map(({ path, mode }) => [path, mode])).toEqual([
      ['compose.yaml', 0o644],
      ['postgres/init.sql', 0o600],
      ['proxy/nginx.conf', 0o644],
      ['proxy/page/index.html', 0o644],
      ['proxy/page/parts.json', 0o644],
      ['.env.template', 0o644],
    ]);
    expect(text('postgres/init.sql')).toContain("p''w");
  });

  test('hold no other secret', () => {
    expect(files.map((file) => file.text).join('')).not.toContain('hunter-2');
  });

  test('are the same bytes each time', () => {
    expect(renderProject(ownBlueprint(), env)).toEqual(files);
  });

  test('without .env are those that need no password', () => {
    expect(renderProject(ownBlueprint(), undefined).map((file) => file.path)).toEqual([
      'compose.yaml',
      'proxy/nginx.conf',
      'proxy/page/index.html',
      'proxy/page/parts.json',
      '.env.template',
    ]);
  });

  test('route the path of Flower as it is set', () => {
    expect(text('proxy/nginx.conf')).toContain('location /deep/flower/ {');
  });
});

test('what a config holds is part of its services, as Compose does not look at it', () => {
  const labelOf = (content: string, settings: Record<string, string> = {}) => {
    const { catalog } = playCatalog({
      'components/part': component(
        'variables: { HEAP: { default: 1, type: integer }, PASS: { generate: password } }',
        `
services:
  part: { image: "part:1", configs: [{ source: flags, target: /flags }] }
  other: { image: "part:1" }
configs:
  flags: { content: "${content}" }
`,
      ),
      'topologies/mine': 'summary: Mine\ncomponents: [part]\n',
    });
    const blueprint = resolveBlueprint(catalog, { topology: 'mine', components: [], airflow: '2.11.2' });
    const { services } = parse(renderProject(blueprint, (name) => settings[name])[0]?.text ?? '');
    expect(services.other.labels).toBeUndefined();
    return services.part.labels['gather.files'] as string;
  };
  const first = labelOf('-Xmx${HEAP}M ${PASS}');
  expect(labelOf('-Xmx${HEAP}M ${PASS}')).toBe(first);
  expect(labelOf('-Xms${HEAP}M ${PASS}')).not.toBe(first);
  expect(labelOf('-Xmx${HEAP}M ${PASS}', { HEAP: '2' })).not.toBe(first);
  expect(labelOf('-Xmx${HEAP}M ${PASS}', { PASS: 'secret' })).toBe(first);
});

test('links are what a browser opens', () => {
  expect(linksOf(ownBlueprint(), env)).toMatchObject({ Airflow: 'http://localhost:8088/' });
  expect(linksOf(ownBlueprint(), (name) => (name === 'PROXY_PORT' ? '80' : undefined))).toMatchObject({
    Airflow: 'http://localhost/',
  });
});

describe('the addresses of components, with the values of .env', () => {
  const texts = {
    'topologies/mine': 'components: [a, b]\n',
    'components/a': component(
      'collects: { route: { "path?": url-path, "host?": host, to: http-url } }\noffers: { route: [{ path: /mail/, to: "http://a" }, { host: a.localhost, to: "http://a" }] }',
      'services: { a: { image: a } }\n',
    ),
    'components/b': component(
      `variables: { B_PATH: { default: b }, B_HOST: { default: b.localhost }, B_URL: { default: "http://b" }, B_NONE: {} }
offers:
  route:
    - { path: "/\${B_PATH}/", to: "http://b" }
    - { path: "\${B_NONE}", to: "http://b" }
    - { host: "\${B_HOST}", to: "http://b" }
links: { B: "\${B_URL}", None: "\${B_NONE}" }`,
      'services: { b: { image: a } }\n',
    ),
  };
  const stack = () => {
    const { catalog, folder } = playCatalog(texts);
    const blueprint = resolveBlueprint(catalog, { topology: 'mine', components: [], airflow: '2.11.2' });
    const rendered = (values: Record<string, string>) => () =>
      renderProject(blueprint, (name) => values[name]);
    return { blueprint, rendered, folder };
  };

  test('that have no value yet are left out', () => {
    const { blueprint, rendered } = stack();
    expect(rendered({})).not.toThrow();
    const lookup = (name: string) => (name === 'B_URL' ? 'http://b' : undefined);
    expect(linksOf(blueprint, lookup)).toEqual({ B: 'http://b/' });
  });

  test('are refused where two routes are equal, or a link is no URL', () => {
    const { rendered, folder } = stack();
    const error = fault(rendered({ B_PATH: 'mail' }));
    expect(error.message).toBe('the proxy already leads /mail/ to component "a"');
    expect(error.where).toEqual({ file: join(folder, 'components/b.yaml'), line: 6 });
    const sameHost = fault(rendered({ B_HOST: 'a.localhost' }));
    expect(sameHost.message).toBe('the proxy already leads a.localhost/ to component "a"');
    expect(sameHost.where).toEqual({ file: join(folder, 'components/b.yaml'), line: 8 });
    expect(fault(rendered({ B_URL: 'b' })).message).toContain('the link "B" is no URL');
  });
});

test('no link leads to a component that does not run', () => {
  expect(Object.keys(linksOf(ownBlueprint(), env))).toContain('Flower');
  expect(
    Object.keys(linksOf(ownBlueprint(), env, { runs: (service) => service !== 'flower' })),
  ).not.toContain('Flower');
});

test('role, password and database come from the URL that Airflow uses', () => {
  expect(databasesOf(ownBlueprint(), env)).toEqual([{ role: 'r@le', password: "p'w", database: 'd_1' }]);
});

describe('what somebody adds to .env', () => {
  const compose = (names: string[]) => renderProject(ownBlueprint(), env, names)[0]?.text ?? '';

  test("reaches Airflow's services by name, when it is a setting, a connection or a variable of Airflow", () => {
    const text = compose([
      'AIRFLOW__CORE__PARALLELISM',
      'AIRFLOW_CONN_LAKE',
      'AIRFLOW_VAR_COUNTRY',
      'MY_OWN',
      'AF_PASS',
    ]);
    const common = text.slice(text.indexOf('x-airflow-common:'), text.indexOf('services:'));
    for (const name of ['AIRFLOW__CORE__PARALLELISM', 'AIRFLOW_CONN_LAKE', 'AIRFLOW_VAR_COUNTRY'])
      expect(common).toContain(`    ${name}:\n`);
    expect(text).not.toContain('MY_OWN');
  });

  test('does not take the place of what a component says', () => {
    expect(compose(['AIRFLOW__CORE__EXECUTOR', 'AIRFLOW_UID'])).toBe(compose([]));
  });
});

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { resolveBlueprint } from '../../src/catalog/resolve.js';
import { renderProject } from '../../src/render/project-files.js';
import { component, fault, playCatalog } from '../catalog/play-catalog.js';

const TRINO = `collects: { catalog: { name: text, "uri?": text, properties: structure, "tags?": list } }
variables: { LEVEL: { default: info } }
files:
  trino/etc/config.json: { format: json, service: trino, target: /etc/config.json, value: { level: "\${LEVEL}", names: [first, { for: catalog, each: "\${item.name}" }, last] } }
  trino/etc/catalog/: { format: properties, each: catalog, name: "\${item.name}.properties", service: trino, target: /etc/catalog/, value: "\${item.properties}" }
  trino/offers.yaml: { format: yaml, value: { for: catalog, each: { name: "\${item.name} of \${item.component}", who: "\${item.summary}", profile: "\${item.profile}", uri: "\${item.uri}", tags: "\${item.tags}" } } }`;

const ICEBERG = `variables: { LAKE_PASSWORD: { generate: password }, LAKE_HOST: { default: lake } }
offers:
  catalog:
    - { name: iceberg, uri: "thrift://\${LAKE_HOST}", tags: [a, "\${LAKE_HOST}"], properties: { connector.name: iceberg, connection-password: "\${LAKE_PASSWORD}" } }
    - { name: tpch, properties: { connector.name: tpch } }`;

function stack(trino = TRINO, iceberg = ICEBERG) {
  const { catalog, folder } = playCatalog({
    'topologies/mine': 'components: [iceberg, trino]\n',
    'components/iceberg': component(iceberg, 'services: { lake: { image: a, profiles: [lake] } }\n'),
    'components/trino': component(trino, 'services: { trino: { image: a }, other: { image: a } }\n'),
  });
  const blueprint = resolveBlueprint(catalog, { topology: 'mine', components: [], airflow: '2.11.2' });
  const rendered = (env: Record<string, string> | undefined) => {
    const files = renderProject(blueprint, env && ((name) => env[name]));
    return new Map(files.map((file) => [file.path, file]));
  };
  return { rendered, where: (line: number) => ({ file: join(folder, 'components/trino.yaml'), line }) };
}
const ENV = { LAKE_PASSWORD: 'hunter-2' };

describe('the files of a component', () => {
  test('are made of what others offer: one for each, or all in one', () => {
    const files = stack().rendered({ ...ENV, LEVEL: 'a"b' });
    const text = (path: string) => files.get(path)?.text ?? '';
    expect([...files.keys()]).toEqual([
      'compose.yaml',
      'trino/etc/config.json',
      'trino/etc/catalog/iceberg.properties',
      'trino/etc/catalog/tpch.properties',
      'trino/offers.yaml',
      '.env.template',
    ]);
    expect(JSON.parse(text('trino/etc/config.json'))).toEqual({
      level: 'a"b',
      names: ['first', 'iceberg', 'tpch', 'last'],
    });
    expect(text('trino/etc/catalog/iceberg.properties').split('\n').slice(1)).toEqual([
      'connector.name=iceberg',
      'connection-password=hunter-2',
      '',
    ]);
    // of a key that the offer does not have nothing is written
    expect(parse(text('trino/offers.yaml'))).toEqual([
      {
        name: 'iceberg of iceberg',
        who: 'A part',
        profile: 'lake',
        uri: 'thrift://lake',
        tags: ['a', 'lake'],
      },
      { name: 'tpch of iceberg', who: 'A part', profile: 'lake' },
    ]);
  });

  test('may lie beside it, and are taken as they are, for more than one service', () => {
    const { catalog, folder } = playCatalog({
      'topologies/mine': 'components: [web]\n',
      'components/web': component(
        'files: { web/settings.py: { from: settings.py, service: [web, worker], target: /etc/settings.py } }',
        'services: { web: { image: a }, worker: { image: a }, other: { image: a } }\n',
      ),
    });
    writeFileSync(join(folder, 'components/settings.py'), 'COST = "${COST} $$"\n');
    const blueprint = resolveBlueprint(catalog, { topology: 'mine', components: [], airflow: '2.11.2' });
    const files = renderProject(blueprint, () => undefined);
    const settings = files.find(({ path }) => path === 'web/settings.py');
    expect(settings).toMatchObject({ mode: 0o644 });
    expect(settings?.text.split('\n').slice(1)).toEqual(['COST = "${COST} $$"', '']);
    const { services } = parse(files[0]?.text ?? '') as { services: Record<string, Record<string, unknown>> };
    for (const name of ['web', 'worker'])
      expect(services[name]).toMatchObject({
        volumes: [{ source: './web/settings.py', target: '/etc/settings.py', read_only: true }],
        labels: { 'gather.files': expect.stringMatching(/^[0-9a-f]{16}$/) },
      });
    expect(services.other).toEqual({ image: 'a' });
  });

  test('that are not there, or said twice, are refused with the line', () => {
    const read = (about: string) => {
      const { catalog, folder } = playCatalog({
        'topologies/mine': 'components: [web]\n',
        'components/web': component(`files:\n  settings.py: ${about}`),
      });
      const error = fault(() =>
        resolveBlueprint(catalog, { topology: 'mine', components: [], airflow: '2.11.2' }),
      );
      expect(error.where).toEqual({ file: join(folder, 'components/web.yaml'), line: 4 });
      return error.message;
    };
    expect(read('{ from: settings.py }')).toContain('there is no file settings.py beside');
    expect(read('{ from: settings.py, format: json, value: {} }')).toContain(
      '"from", or "format" and "value"',
    );
    expect(read('{ format: json }')).toContain('"from", or "format" and "value"');
    expect(read('{}')).toContain('"from", or "format" and "value"');
  });

  test('what is offered, or set in .env, is no template of its own', () => {
    const odd = '${LAKE_PASSWORD} ${item.name} $X $$';
    const files = stack().rendered({ ...ENV, LAKE_HOST: odd, LEVEL: odd });
    expect(parse(files.get('trino/offers.yaml')?.text ?? '')[0].uri).toBe(`thrift://${odd}`);
    expect(JSON.parse(files.get('trino/etc/config.json')?.text ?? '').level).toBe(odd);
  });

  test('with a secret in them are for their owner alone, and not there without .env', () => {
    const modes = (env: Record<string, string> | undefined) =>
      Object.fromEntries(
        [...stack().rendered(env)]
          .filter(([path]) => path.startsWith('trino/'))
          .map(([path, { mode }]) => [path, mode]),
      );
    expect(modes(ENV)).toEqual({
      // the names alone are in it, but which key of an offer a file takes is nothing to rely on
      'trino/etc/config.json': 0o600,
      'trino/etc/catalog/iceberg.properties': 0o600,
      'trino/etc/catalog/tpch.properties': 0o600,
      'trino/offers.yaml': 0o600,
    });
    expect(modes(undefined)).toEqual({});
    const harmless = stack(TRINO, ICEBERG.replace('${LAKE_PASSWORD}', 'none'));
    const files = [...harmless.rendered(undefined).values()].filter(({ path }) => path.startsWith('trino/'));
    expect(files.map(({ mode }) => mode)).toEqual([0o644, 0o644, 0o644, 0o644]);
    // JSON has no place for a digest
    expect(files.map(({ unsealed }) => unsealed)).toEqual([true, undefined, undefined, undefined]);
  });

  test('reach their service as mounts, a folder where there is one for each', () => {
    const { services } = parse(stack().rendered(ENV).get('compose.yaml')?.text ?? '');
    const mount = (source: string, target: string) => ({
      type: 'bind',
      source,
      target,
      read_only: true,
      bind: { create_host_path: false },
    });
    expect(services.trino.volumes).toEqual([
      mount('./trino/etc/config.json', '/etc/config.json'),
      mount('./trino/etc/catalog', '/etc/catalog'),
    ]);
    expect(services.other.volumes).toBeUndefined();
  });
});

describe('a service is started anew for its files', () => {
  const label = (env: Record<string, string>, ...texts: string[]) => {
    const { services } = parse(
      stack(...texts)
        .rendered(env)
        .get('compose.yaml')?.text ?? '',
    );
    expect(services.other.labels).toBeUndefined();
    return services.trino.labels['gather.files'];
  };

  test('when their text changes, and not for a secret, which anybody who reads the label could try out', () => {
    const before = label(ENV);
    expect(before).toMatch(/^[0-9a-f]{16}$/);
    expect(label({ LAKE_PASSWORD: 'another' })).toBe(before);
    expect(label({ ...ENV, LEVEL: 'debug' })).not.toBe(before);
    expect(label(ENV, TRINO, ICEBERG.replace('tpch', 'tpcds'))).not.toBe(before);
    // this one goes to nobody
    expect(label({ ...ENV, LAKE_HOST: 'elsewhere' })).toBe(before);
  });
});

describe('refused with its line is', () => {
  const refused = (trino: string, iceberg = ICEBERG) => {
    const { rendered, where } = stack(trino, iceberg);
    return { error: fault(() => rendered(ENV)), where };
  };

  test.each(['../a', 'a/b', '.hidden', '', 'a b'])('%j as the name of a file', (name) => {
    const { error, where } = refused(
      `collects: { catalog: { name: text, properties: structure } }
files:
  a/:
    format: json
    value: 1
    each: catalog
    name: \${item.name}`,
      `offers: { catalog: [{ name: ${JSON.stringify(name)}, properties: {} }] }`,
    );
    expect(error).toMatchObject({ code: 'COMPONENT_INVALID', where: where(9) });
    expect(error.message).toBe(`"${name}" cannot be the name of a file`);
  });

  test('what the format cannot hold', () => {
    const { error, where } = refused(
      'collects: { catalog: { name: text, "uri?": text, "tags?": list, properties: structure } }\nfiles:\n  a.ini:\n    format: ini\n    value: { main: { key: "a\\nb" } }',
    );
    expect(error).toMatchObject({ code: 'COMPONENT_INVALID', where: where(7) });
    expect(error.message).toBe('a.ini: "key" of section "main" cannot be written');
  });

  test('a `${` that is not closed', () => {
    const { error, where } = refused(
      'collects: { catalog: { name: text, "uri?": text, "tags?": list, properties: structure } }\nfiles:\n  a.json:\n    format: json\n    value: "${A"',
    );
    expect(error).toMatchObject({ code: 'COMPONENT_INVALID', where: where(7) });
  });
});

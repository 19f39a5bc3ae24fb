import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Catalog } from '../../src/catalog/catalog.js';
import { component, fault, OWN, playCatalog } from './play-catalog.js';

const plain = {
  'components/redis': component(),
  'components/postgres': component(),
  'topologies/celery': 'components: [redis]\n',
};

describe('the catalog', () => {
  test('lists what is there', () => {
    const { catalog } = playCatalog(plain);
    expect(catalog.componentNames()).toEqual(['postgres', 'redis']);
    expect(catalog.topologyNames()).toEqual(['celery']);
    expect(catalog.component('redis')).toBe(catalog.component('redis'));
  });

  test('names the nearest of an unknown component or topology, and where it was asked for', () => {
    const { catalog } = playCatalog(plain);
    const where = { file: 'gather.yaml', line: 3 };
    const unknown = fault(() => catalog.component('postgre', () => where));
    expect(unknown.message).toBe('unknown component "postgre"; did you mean "postgres"?');
    expect(unknown).toMatchObject({ code: 'COMPONENT_INVALID', where, hints: ['known: postgres, redis'] });
    const topology = fault(() => catalog.topology('celeri', () => where));
    expect(topology).toMatchObject({ code: 'TOPOLOGY_INVALID', where, hints: ['known: celery'] });
    expect(topology.message).toContain('did you mean "celery"?');
    expect(fault(() => catalog.component('kubernetes')).message).toBe('unknown component "kubernetes"');
  });

  test("takes a project's own component in place of gather's of the same name", () => {
    const { folder } = playCatalog({
      'compose/components/redis':
        'x-gather:\n  summary: A Redis of ours\nservices:\n  redis: { image: ours }\n',
      'compose/components/extra': component(),
    });
    const catalog = Catalog.of(OWN, folder);
    expect(catalog.component('redis')).toMatchObject({
      summary: 'A Redis of ours',
      file: join(folder, 'compose/components/redis.yaml'),
    });
    expect(catalog.componentNames()).toContain('extra');
    expect(catalog.component('postgres').file).toBe(join(OWN, 'components/postgres/component.yaml'));
  });

  test("an image's folder lies beside its component's file; gather's base is always gather's own", () => {
    const { folder } = playCatalog({
      'compose/components/mail': component('images:\n  I: { build: mail-image }'),
    });
    for (const image of ['components/mail-image', 'base-image']) {
      mkdirSync(join(folder, 'compose', image), { recursive: true });
      writeFileSync(join(folder, 'compose', image, 'Dockerfile'), 'FROM base\n');
    }
    const catalog = Catalog.of(OWN, folder);
    const mail = catalog.component('mail');
    expect(catalog.imageFolder(mail, 'mail-image')).toBe(join(folder, 'compose/components/mail-image'));
    const error = fault(() => catalog.imageFolder(mail, 'none', () => mail.at(['x-gather', 'images', 'I'])));
    expect(error).toMatchObject({ code: 'COMPONENT_INVALID', where: { file: mail.file, line: 4 } });
    expect(error.message).toContain(`there is no none/Dockerfile beside ${mail.file}`);
    expect(catalog.baseFolder()).toBe(join(OWN, 'base-image'));
  });

  test("does without a folder of the project, also in gather's own", () => {
    const { folder: bare } = playCatalog({});
    expect(Catalog.of(OWN, bare).componentNames()).toEqual(Catalog.of(OWN, dirname(OWN)).componentNames());
  });
});

describe('a topology', () => {
  const wrong: [what: string, text: string, line: number, message: RegExp][] = [
    ['a wrong key', 'summary: x\ncomponets: [a]\n', 2, /unknown key "componets"; did you mean "components"/],
    ['no components', 'summary: x\ncomponents: []\n', 2, /components must name at least one/],
    ['components left out', 'summary: x\n', 1, /the file needs "components"/],
    ['components as text', 'components: a\n', 1, /must be a list of text/],
    ['settings as a list', 'components: [a]\nsettings: [A]\n', 2, /settings must be a map, and is a list/],
    [
      'a setting that is a map',
      'components: [a]\nsettings:\n  A: { b: 1 }\n',
      3,
      /settings.A must be a text/,
    ],
  ];
  test.each(wrong)('with %s is refused with its line', (_what, text, line, message) => {
    const { catalog, folder } = playCatalog({ 'topologies/mine': text });
    const error = fault(() => catalog.topology('mine'));
    expect(error.message).toMatch(message);
    expect(error).toMatchObject({
      code: 'TOPOLOGY_INVALID',
      where: { file: join(folder, 'topologies/mine.yaml'), line },
    });
  });
});

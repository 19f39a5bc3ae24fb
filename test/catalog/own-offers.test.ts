import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Catalog } from '../../src/catalog/catalog.js';
import { resolveBlueprint } from '../../src/catalog/resolve.js';
import { loadProject } from '../../src/project/project.js';
import { componentFiles } from '../../src/render/files.js';
import { staleFiles, writeStale } from '../../src/setup/write-generated.js';
import { component, fault, playCatalog } from './play-catalog.js';

const SERVER = `collects: { table: { name: text, rows: structure } }
takes: { table: { from: config/tables, format: properties, name: name, value: rows } }
variables: { HIDDEN: { generate: password } }
offers: { table: [{ name: first, rows: { a: 1 } }, { name: second, rows: { a: 2 } }] }
files: { server/tables/: { each: table, name: "\${item.name}.properties", format: properties, value: "\${item.rows}", service: [one, two], target: /etc/tables/ } }`;

function stack(own: Record<string, string>, server = SERVER) {
  const { folder } = playCatalog({
    'compose/topologies/mine': 'components: [server]\n',
    'compose/components/server': component(server, 'services: { one: { image: a }, two: { image: a } }\n'),
    gather: 'topology: mine\nairflow: 2.11.2\n',
  });
  mkdirSync(join(folder, 'config/tables'), { recursive: true });
  const write = (name: string, text: string) => writeFileSync(join(folder, 'config/tables', name), text);
  for (const [name, text] of Object.entries(own)) write(name, text);
  const blueprint = () =>
    resolveBlueprint(Catalog.of(join(folder, 'none'), folder), {
      topology: 'mine',
      components: [],
      airflow: '2.11.2',
    });
  const texts = () =>
    Object.fromEntries(
      componentFiles(blueprint(), () => 'hunter-2', true).map(({ path, text }) => [
        path,
        text.split('\n').slice(1, -1),
      ]),
    );
  return { folder, blueprint, texts, write };
}

test("files of the project's own are offers, and take the place of those of their name", () => {
  const { texts } = stack({
    'second.properties': 'b = ${HIDDEN} $$ ${ENV:X}\n',
    'third.properties': 'c=3\n',
    'notes.txt': 'x',
  });
  expect(texts()).toEqual({
    'server/tables/first.properties': ['a=1'],
    'server/tables/second.properties': ['b=${HIDDEN} $$ ${ENV:X}'],
    'server/tables/third.properties': ['c=3'],
  });
});

test('one that cannot be read has its file and line', () => {
  const { folder, blueprint } = stack({ 'a.properties': '# x\nb\n' });
  expect(fault(blueprint)).toMatchObject({
    code: 'PROJECT_INVALID',
    where: { file: join(folder, 'config/tables/a.properties'), line: 2 },
  });
});

test('one whose name can be none of a file that is made of it is refused', () => {
  expect(fault(stack({ 'a b.properties': 'b=1\n' }).blueprint).message).toMatch(
    /"a b" cannot be a name here/,
  );
});

test('a key that offers of the kind do not have is a slip of the component', () => {
  const { blueprint } = stack({}, SERVER.replace('value: rows', 'value: row'));
  expect(fault(blueprint).message).toBe('"takes" needs "row" of table among what is collected');
});

test('what was made of one that is gone goes, what a person has written there stays', () => {
  const { folder, blueprint, write } = stack({ 'third.properties': 'c=3\n', 'fourth.properties': 'd=4\n' });
  const project = loadProject(folder);
  const stale = () => staleFiles(project, blueprint());
  writeStale(project, stale());
  writeFileSync(join(folder, 'server/tables/mine.properties'), 'e=5\n');
  expect(stale()).toEqual([]);
  rmSync(join(folder, 'config/tables/third.properties'));
  write('fourth.properties', 'd=5\n');
  const why = Object.fromEntries(stale().map((one) => [one.file.path, one.why]));
  expect(why).toEqual({
    'compose.yaml': 'out of date',
    'server/tables/third.properties': 'left over',
    'server/tables/fourth.properties': 'out of date',
  });
  writeStale(project, stale());
  expect(stale()).toEqual([]);
});

const DOCUMENTS = `collects: { document: { name: text, body: structure } }
takes: { document: { from: config/tables, format: json, name: name, value: body, needs: [title] } }
files: { server/all.json: { format: json, value: { for: document, each: { name: "\${item.name}", body: "\${item.body}" } }, service: one, target: /etc/all.json } }`;

test('a file of JSON is taken as it is, and none without what has to be in it', () => {
  const body = { title: 'x', deep: [{ 'a $b': null, c: 1.5, d: false, e: '${HIDDEN} $$ \\ "q"' }, []] };
  const { folder, blueprint, write } = stack({ 'one.json': JSON.stringify(body, null, 2) }, DOCUMENTS);
  const [file] = componentFiles(blueprint(), () => 'hunter-2', true);
  expect(JSON.parse(file?.text ?? '')).toEqual([{ name: 'one', body }]);
  write('one.json', '{\n  "title": "x",\n}\n');
  expect(fault(blueprint)).toMatchObject({
    code: 'PROJECT_INVALID',
    where: { file: join(folder, 'config/tables/one.json'), line: 3 },
  });
  write('one.json', '{ "title": 1 }');
  expect(fault(blueprint).message).toBe('there is no "title" with a text in it');
});

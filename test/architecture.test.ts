import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { Catalog } from '../src/catalog/catalog.js';

const SRC = fileURLToPath(new URL('../src', import.meta.url));

/** Each group with the groups that it may import; no arrow points back. */
const MAY_IMPORT: Record<string, string[]> = {
  main: ['commands', 'output'],
  commands: [
    'model',
    'airflow',
    'stack',
    'images',
    'setup',
    'render',
    'engine',
    'airflow/settings',
    'catalog',
    'project',
    'machine',
    'output',
  ],
  airflow: [
    'stack',
    'images',
    'setup',
    'render',
    'engine',
    'airflow/settings',
    'catalog',
    'project',
    'machine',
    'output',
  ],
  stack: ['model', 'images', 'setup', 'render', 'engine', 'catalog', 'project', 'machine', 'output'],
  images: ['engine', 'airflow/settings', 'catalog', 'project', 'machine', 'output'],
  setup: ['model', 'render', 'airflow/settings', 'catalog', 'project', 'machine', 'output'],
  engine: ['project', 'machine', 'output'],
  render: ['model', 'catalog', 'project', 'output'],
  // facts of Airflow's releases and settings: files, not a running Airflow
  'airflow/settings': ['model', 'catalog', 'project', 'output'],
  catalog: ['model', 'project', 'output'],
  project: ['model', 'output'],
  machine: ['output'],
  output: ['model'],
  // the words in which formats are declared
  model: [],
};

/** Libraries that take tens of milliseconds to load, and the groups that may use them. */
const HEAVY: Record<string, string[]> = {
  dockerode: ['engine'],
  prompts: ['setup'],
  minio: ['stack'],
  pg: ['stack'],
  execa: ['engine', 'images', 'machine', 'stack', 'airflow'],
};

interface Import {
  from: string;
  /** A file under src, or the name of a package. */
  to: string;
  kind: 'static' | 'type' | 'lazy';
}

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
const sources = files.map((file) => parsed(file, readFileSync(join(SRC, file), 'utf8')));
const imports = sources.flatMap(importsOf);

function parsed(file: string, text: string): ts.SourceFile {
  return ts.createSourceFile(file, text, ts.ScriptTarget.ES2022);
}

function importsOf(source: ts.SourceFile): Import[] {
  const file = source.fileName;
  const found: Import[] = [];
  const add = (specifier: string, kind: Import['kind']) => {
    const isOwn = specifier.startsWith('.');
    const to = isOwn ? relative(SRC, join(SRC, dirname(file), specifier)).replace(/\.js$/, '.ts') : specifier;
    found.push({ from: file, to, kind });
  };
  const visit = (node: ts.Node): void => {
    if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier)
      add((node.moduleSpecifier as ts.StringLiteral).text, isTypeOnly(node) ? 'type' : 'static');
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [argument] = node.arguments;
      if (argument && ts.isStringLiteralLike(argument)) add(argument.text, 'lazy');
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function isTypeOnly(node: ts.ImportDeclaration | ts.ExportDeclaration): boolean {
  if (ts.isExportDeclaration(node)) return node.isTypeOnly;
  const clause = node.importClause;
  if (!clause) return false;
  if (clause.isTypeOnly) return true;
  const named = clause.namedBindings;
  return (
    !clause.name &&
    !!named &&
    ts.isNamedImports(named) &&
    named.elements.length > 0 &&
    named.elements.every((one) => one.isTypeOnly)
  );
}

const groupOf = (file: string) => {
  const folders = file.replace(/\.ts$/, '').split('/');
  const [room = '', inner = ''] = folders;
  return `${room}/${inner}` in MAY_IMPORT ? `${room}/${inner}` : room;
};
const packageOf = (name: string) =>
  name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/');
const isOwn = (one: Import) => files.includes(one.to);
const shown = (one: Import) => `${one.from} imports ${one.to}`;

const ANY_KIND: Import['kind'][] = ['static', 'type', 'lazy'];

/** Every file that is loaded as soon as `entry` is, or that it knows in any other way, too. */
function loadedWith(entry: string, kinds: Import['kind'][] = ['static']): Import[] {
  const seen = new Set([entry]);
  const reached: Import[] = [];
  for (const file of seen)
    for (const one of imports.filter((other) => other.from === file && kinds.includes(other.kind))) {
      reached.push(one);
      if (isOwn(one)) seen.add(one.to);
    }
  return reached;
}

describe('the reading of imports', () => {
  test('sees static, type-only and lazy ones, and re-exports', () => {
    const text = `import a from 'a'; import type b from 'b'; import { type C } from 'c'; import { type D, d } from 'd';
      export * from './e.js'; const f = await import('f'); import 'g';`;
    expect(importsOf(parsed('stack/x.ts', text)).map(({ to, kind }) => `${to} ${kind}`)).toEqual([
      'a static',
      'b type',
      'c type',
      'd static',
      'stack/e.ts static',
      'f lazy',
      'g static',
    ]);
  });

  test('finds every file, and every import between them leads to one', () => {
    expect([...new Set(files.map(groupOf))].sort()).toEqual(Object.keys(MAY_IMPORT).sort());
    expect(imports.filter((one) => /\.ts$/.test(one.to) && !isOwn(one)).map(shown)).toEqual([]);
  });
});

test('imports between the groups point one way', () => {
  const wrong = imports.filter(isOwn).filter(({ from, to }) => {
    const [here, there] = [groupOf(from), groupOf(to)];
    return here !== there && !MAY_IMPORT[here]?.includes(there);
  });
  expect(wrong.map(shown)).toEqual([]);
});

test('no file imports itself through others, be it for a type or later', () => {
  const rings = files.filter((file) => loadedWith(file, ANY_KIND).some((one) => one.to === file));
  expect(rings).toEqual([]);
});

describe('libraries', () => {
  test('a heavy one is a value only where it belongs, and loaded only when it is used', () => {
    const wrong = imports.filter(({ from, to, kind }) => {
      const groups = HEAVY[packageOf(to)];
      return groups && kind !== 'type' && !groups.includes(groupOf(from));
    });
    expect(wrong.map(shown)).toEqual([]);
  });

  test('prompts is known to setup/ask.ts alone, which is loaded only when a person is there', () => {
    const asking = imports.filter((one) => one.to === 'prompts');
    expect(new Set(asking.map((one) => one.from))).toEqual(new Set(['setup/ask.ts']));
    expect(asking.filter(({ kind }) => kind === 'static').map(shown)).toEqual([]);
    expect(imports.filter((one) => one.to === 'setup/ask.ts' && one.kind === 'static').map(shown)).toEqual(
      [],
    );
  });

  test.each(['main.ts', 'commands/table.ts'])('%s loads none of the heavy ones, and no command', (entry) => {
    const reached = loadedWith(entry);
    expect(reached.filter((one) => packageOf(one.to) in HEAVY).map(shown)).toEqual([]);
    const commands = reached.filter((one) => groupOf(one.to) === 'commands').map((one) => one.to);
    expect([...new Set(commands)].sort()).toEqual(
      entry === 'main.ts' ? ['commands/table.ts', 'commands/tree.ts'] : [],
    );
  });

  test('the declaration of events is there for its types: nobody who writes one loads valibot for it', () => {
    const importers = imports.filter((one) => one.to === 'output/events-model.ts');
    expect(importers.length).toBeGreaterThan(0);
    expect(importers.filter(({ kind }) => kind !== 'type').map(shown)).toEqual([]);
  });

  test('commands that need no engine load none of the heavy ones', () => {
    const light = [
      'render',
      'env',
      'components',
      'topologies',
      'completion',
      'dags',
      'dags/new',
      's3',
      'engine',
    ].map((name) => `commands/${name}.ts`);
    const heavy = light.flatMap((file) => loadedWith(file)).filter((one) => packageOf(one.to) in HEAVY);
    expect(heavy.map(shown)).toEqual([]);
  });
});

test('render does no input or output', () => {
  const allowed = ['node:crypto', 'yaml'];
  const others = imports.filter(
    (one) => groupOf(one.from) === 'render' && !isOwn(one) && one.kind !== 'type',
  );
  expect(others.filter((one) => !allowed.includes(one.to)).map(shown)).toEqual([]);
});

test('no service of a component is known by its name', () => {
  const catalog = new Catalog([fileURLToPath(new URL('../compose', import.meta.url))]);
  const services = new Set(catalog.all().flatMap(({ services }) => Object.keys(services)));
  expect(services).toContain('airflow-scheduler');
  const found = sources.flatMap((source) =>
    textsOf(source)
      .filter((text) => services.has(text))
      .map((text) => `${source.fileName} knows ${text}`),
  );
  expect(found).toEqual([]);
});

/** The texts between quotes in a source file, without the names of what it imports. */
function textsOf(source: ts.SourceFile): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return;
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) return;
    if (ts.isStringLiteralLike(node)) found.push(node.text);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

test('only main.ts ends the process', () => {
  const ending = sources.filter(({ text }) => /\bprocess\.exit\b/.test(text));
  expect(ending.map((source) => source.fileName)).toEqual(['main.ts']);
});

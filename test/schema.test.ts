import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import { GatherError } from '../src/output/errors.js';
import type { Event } from '../src/output/events.js';
import { Output } from '../src/output/output.js';
import { SCHEMAS, type Schema } from './json-schema.js';

const HOME = fileURLToPath(new URL('..', import.meta.url));
test.each(Object.entries(SCHEMAS))(
  'schema/%s.schema.json is what the code says (vitest -u writes it)',
  async (name, schema) => {
    await expect(`${JSON.stringify(schema, null, 2)}\n`).toMatchFileSnapshot(
      join(HOME, `schema/${name}.schema.json`),
    );
  },
);

test.each([
  ['component', 'compose/components', /component\.yaml$/],
  ['topology', 'compose/topologies', /\.yaml$/],
  ['component', 'test/fixtures/components', /\.yaml$/],
] as const)('every %s of %s is valid by its schema', (name, folder, isOne) => {
  const valid = new Ajv({ allowUnionTypes: true }).compile(SCHEMAS[name]);
  const files = readdirSync(join(HOME, folder), { recursive: true, encoding: 'utf8' }).filter((file) =>
    isOne.test(file),
  );
  expect(files.length).toBeGreaterThan(0);
  for (const file of files) {
    valid(parse(readFileSync(join(HOME, folder, file), 'utf8')));
    expect(valid.errors, file).toBeNull();
  }
});

test('a slip in gather.yaml is an error to an editor, too', () => {
  const valid = new Ajv().compile(SCHEMAS.gather);
  expect(valid(parse(readFileSync(join(HOME, 'gather.yaml'), 'utf8')))).toBe(true);
  expect(valid({ topolgy: 'celery' })).toBe(false);
  expect(valid({ airflow: '2.11' })).toBe(false);
});

test('so is one in a component or a topology', () => {
  const ajv = new Ajv({ allowUnionTypes: true });
  const [component, topology] = [ajv.compile(SCHEMAS.component), ajv.compile(SCHEMAS.topology)];
  const xGather = (about: object) => component({ 'x-gather': { summary: 'A part', ...about } });
  expect(xGather({})).toBe(true);
  for (const wrong of [
    { summary: undefined, sumary: 'a' },
    { summary: 7 },
    { variables: { A: { type: 'prot' } } },
    { variables: { A: { url: { scheme: 'http' } } } },
    { variables: [] },
    { images: { A: { packages: 'a' } } },
    { files: { a: { format: 'toml', value: {} } } },
    { files: { a: { from: ['b.py'] } } },
    { ready: [{ http: { port: 80, path: '/' } }] },
    { ready: [{ service: 'a', tcp: { port: 0 } }] },
    { collects: { metric: { a: 'number' } } },
    { offers: { metric: { a: 'b' } } },
    { changes: { web: [] } },
    { airflow: '2' },
    { requires: 'airflow' },
    { dags: { from: 'ftp' } },
    { s3: { access_key: 'a', secret_key: 'b' } },
  ])
    expect(xGather(JSON.parse(JSON.stringify(wrong))) && JSON.stringify(wrong)).toBe(false);
  expect(component({ services: {} })).toBe(false);
  for (const wrong of [{}, { components: [] }, { components: ['a'], setings: {} }, { components: 'a' }])
    expect(topology(wrong) && JSON.stringify(wrong)).toBe(false);
});

test('every key has a sentence that says what it is', () => {
  const silent = (schema: Schema, path: string): string[] => [
    ...(schema.description ? [] : [path]),
    ...Object.entries(schema.properties ?? {}).flatMap(([key, one]) => silent(one, `${path}.${key}`)),
    ...[schema.items, schema.additionalProperties]
      .flatMap((one) => (typeof one === 'object' ? Object.entries(one.properties ?? {}) : []))
      .flatMap(([key, one]) => silent(one, `${path}.*.${key}`)),
  ];
  const top = { gather: SCHEMAS.gather, topology: SCHEMAS.topology };
  for (const [name, schema] of Object.entries(top)) expect(silent(schema, name)).toEqual([name]);
  expect(silent(SCHEMAS.component.properties['x-gather'], 'x-gather')).toEqual([]);
  const lines: Schema[] = (SCHEMAS.event as Schema).oneOf ?? [];
  expect(lines).toHaveLength(13);
  for (const line of lines) expect(silent(line, '').filter((path) => path !== '.type')).toEqual([]);
});

/** One of each, with and without what may be missing; the compiler asks for every type. */
const EVENTS: { [T in Event['type']]: Extract<Event, { type: T }>[] } = {
  note: [{ type: 'note', text: 'a' }],
  warning: [
    { type: 'warning', text: 'a' },
    { type: 'warning', text: 'a', hints: ['b'] },
  ],
  moved: [{ type: 'moved', from: '/a', to: '/b', volumes: ['v'] }],
  'phase-done': [{ type: 'phase-done', phase: 'images', seconds: 1.5, text: '5 images' }],
  progress: [{ type: 'progress', subject: 'airflow', text: 'a' }],
  'progress-done': [{ type: 'progress-done', subject: 'airflow', seconds: 0 }],
  service: [
    { type: 'service', service: 's', container: 's-1', state: 'healthy', seconds: 1 },
    { type: 'service', service: 's', container: 's-1', state: 'created', seconds: 1, waitsFor: ['postgres'] },
  ],
  probe: [{ type: 'probe', service: 's', says: 'a', passed: true }],
  task: [{ type: 'task', task: 't', state: 'success', seconds: 2 }],
  log: [{ type: 'log', source: '', text: 'a' }],
  'dag-file': [
    { type: 'dag-file', file: 'dags/a.py' },
    { type: 'dag-file', file: 'dags/a.py', line: 3, problem: 'p', trace: ['t'] },
  ],
};

test('every line of --output json is valid by its schema', () => {
  const valid = new Ajv({ allowUnionTypes: true }).compile(SCHEMAS.event);
  const lines: string[] = [];
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((line) => {
    lines.push(String(line));
    return true;
  });
  const output = new Output('json');
  for (const event of Object.values(EVENTS).flat()) output.event(event);
  output.result({ data: { anything: [1] } });
  output.error(new GatherError('ENV_INVALID', 'm', { where: { file: '.env', line: 2 }, details: ['d'] }));
  output.error(new GatherError('INTERNAL', 'm'));
  write.mockRestore();
  expect(lines).toHaveLength(Object.values(EVENTS).flat().length + 3);
  for (const line of lines) {
    valid(JSON.parse(line));
    expect(valid.errors, line).toBeNull();
  }
  expect(valid({ type: 'note' })).toBe(false);
  expect(valid({ type: 'service', service: 's', container: 's-1', state: 'fine', seconds: 1 })).toBe(false);
});

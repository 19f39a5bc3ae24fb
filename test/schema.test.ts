import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import { componentSchema, topologySchema } from '../src/catalog/json-schema.js';
import { GatherError } from '../src/output/errors.js';
import type { Event } from '../src/output/events.js';
import { eventSchema } from '../src/output/json-schema.js';
import { Output } from '../src/output/output.js';
import { manifestSchema } from '../src/project/json-schema.js';

const HOME = fileURLToPath(new URL('..', import.meta.url));
const SCHEMAS = {
  gather: manifestSchema(),
  component: componentSchema(),
  topology: topologySchema(),
  event: eventSchema(),
};

test.each(Object.entries(SCHEMAS))(
  'schema/%s.schema.json is what the code says (vitest -u writes it)',
  async (name, schema) => {
    await expect(`${JSON.stringify(schema, null, 2)}\n`).toMatchFileSnapshot(
      join(HOME, `schema/${name}.schema.json`),
    );
  },
);

test.each([
  ['component', 'compose/components'],
  ['topology', 'compose/topologies'],
] as const)('every %s of the catalog is valid by its schema', (name, folder) => {
  const valid = new Ajv({ allowUnionTypes: true }).compile(SCHEMAS[name]);
  const files = readdirSync(join(HOME, folder));
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

/** One of each, with and without what may be missing; the compiler asks for every type. */
const EVENTS: { [T in Event['type']]: Extract<Event, { type: T }>[] } = {
  note: [{ type: 'note', text: 'a' }],
  warning: [
    { type: 'warning', text: 'a' },
    { type: 'warning', text: 'a', hints: ['b'] },
  ],
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

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { componentSchema, topologySchema } from '../src/catalog/json-schema.js';
import { manifestSchema } from '../src/project/json-schema.js';

const HOME = fileURLToPath(new URL('..', import.meta.url));
const SCHEMAS = { gather: manifestSchema(), component: componentSchema(), topology: topologySchema() };

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

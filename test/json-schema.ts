import { toJsonSchema } from '@valibot/to-json-schema';
import { topology } from '../src/catalog/model/topology.js';
import { xGather } from '../src/catalog/model/x-gather.js';
import type { Field } from '../src/model/fields.js';
import { outputLine } from '../src/output/events-model.js';
import { manifest } from '../src/project/manifest-model.js';

/** A JSON Schema, draft-07, of the parts that gather's formats need. */
export interface Schema {
  $schema?: string;
  title?: string;
  description?: string;
  type?: string | string[];
  const?: unknown;
  enum?: unknown[];
  pattern?: string;
  minimum?: number;
  minItems?: number;
  default?: unknown;
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  oneOf?: Schema[];
}

/** The JSON Schema of what a declaration of `src/model/fields.ts` reads. */
function schemaOf(field: Field): Schema {
  const { $schema: _, ...schema } = toJsonSchema(field, {
    typeMode: 'input',
    // what depends on other keys is for the reader alone
    ignoreActions: ['check'],
    overrideSchema: ({ valibotSchema, jsonSchema }) => {
      const schema = jsonSchema as Schema & { anyOf?: Schema[]; propertyNames?: Schema };
      // of a text this is narrowed again, by what is said of it
      if (valibotSchema.type === 'union')
        return { type: schema.anyOf?.flatMap(({ type }) => type ?? []) } as never;
      // a key with nothing behind it is as good as none, but a slip to an editor
      if (valibotSchema.type === 'nullish') {
        const isText = typeof schema.default === 'string';
        return { ...schema.anyOf?.[0], ...(isText ? { default: schema.default } : {}) } as never;
      }
      if (valibotSchema.type === 'custom') return {};
      return undefined;
    },
  });
  return tidy(schema as Schema);
}

/** Without what says nothing: a key of a map is a text, and an empty description or list of required keys. */
function tidy(value: unknown): Schema {
  if (Array.isArray(value)) return value.map(tidy) as never;
  if (typeof value !== 'object' || value === null) return value as Schema;
  const entries = Object.entries(value).filter(
    ([key, one]) =>
      key !== 'propertyNames' &&
      !(key === 'description' && one === '') &&
      !(key === 'required' && one.length === 0),
  );
  return Object.fromEntries(entries.map(([key, one]) => [key, tidy(one)])) as Schema;
}

const DRAFT = 'http://json-schema.org/draft-07/schema#';

/** All schemas that gather ships in schema/, by the first part of their name. */
export const SCHEMAS = {
  gather: { $schema: DRAFT, title: 'gather.yaml: what a stack is made of', ...schemaOf(manifest) },
  // Compose's own keys are Compose's own business
  component: {
    $schema: DRAFT,
    title: 'A component of gather: a Compose file with an x-gather block',
    type: 'object',
    required: ['x-gather'],
    properties: {
      'x-gather': { ...schemaOf(xGather), description: 'What Compose cannot say: docs/x-gather.md' },
      services: { type: 'object' },
    },
  },
  topology: {
    $schema: DRAFT,
    title: 'A topology of gather: the components and settings that mirror one cloud set-up',
    ...schemaOf(topology),
  },
  event: {
    $schema: DRAFT,
    title: 'A line of gather --output json (NDJSON); the last one is a result or an error',
    ...schemaOf(outputLine),
  },
} satisfies Record<string, Schema>;

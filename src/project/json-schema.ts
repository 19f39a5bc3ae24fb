import {
  DEFAULT_AIRFLOW,
  DEFAULT_TOPOLOGY,
  IMAGE_SOURCES,
  LAUNCHERS,
  type MANIFEST_KEYS,
} from './manifest.js';

type Schema = Record<string, unknown>;

const PROPERTIES: Record<(typeof MANIFEST_KEYS)[number], Schema> = {
  topology: { type: 'string', default: DEFAULT_TOPOLOGY, description: 'The set-up that the stack mirrors' },
  airflow: {
    type: 'string',
    pattern: '^\\d+\\.\\d+\\.\\d+$',
    default: DEFAULT_AIRFLOW,
    description: "Airflow's full version",
  },
  images: { enum: [...IMAGE_SOURCES], default: 'auto', description: 'Where images come from' },
  registry: { type: 'string', description: 'host:port/path before the name of every image that is pulled' },
  components: {
    type: 'array',
    items: { type: 'string' },
    description: 'Components beside those of the topology',
  },
  launcher: {
    enum: [...LAUNCHERS],
    default: 'plain',
    description:
      "Airflow's services as they are, or fast: with patches that save processor time and memory (docs/launcher.md)",
  },
  profiles: {
    type: 'array',
    items: { type: 'string' },
    description: 'Compose profiles that gather up starts',
  },
  'packages-until': {
    type: 'string',
    pattern: '^\\d{4}-\\d{2}-\\d{2}$',
    description: "The day whose state of PyPI the Airflow image is built from; the release's own when absent",
  },
};

/** JSON Schema of gather.yaml, for editors. */
export function manifestSchema(): Schema {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'gather.yaml: what a stack is made of',
    type: 'object',
    additionalProperties: false,
    properties: PROPERTIES,
  };
}

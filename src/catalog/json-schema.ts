import type { X_GATHER_KEYS } from './component.js';
import { FACTS } from './facts.js';
import { DELIVERIES, GENERATORS, MACHINE_FACTS, VARIABLE_TYPES } from './schema.js';

type Schema = Record<string, unknown>;

const text = (description: string): Schema => ({ type: 'string', description });
const texts = (description: string): Schema => ({ type: 'array', items: { type: 'string' }, description });
const mapOf = (value: Schema, description: string): Schema => ({
  type: 'object',
  additionalProperties: value,
  description,
});
const object = (properties: Record<string, Schema>, required: string[] = []): Schema => ({
  type: 'object',
  additionalProperties: false,
  properties,
  ...(required.length ? { required } : {}),
});

const TEMPLATE = `a template of variables that are no secrets, and of ${Object.entries(FACTS)
  .map(([name, what]) => `\${gather.${name}} (${what})`)
  .join(', ')}`;

const url = object(
  {
    scheme: text('Such as postgresql+psycopg2'),
    username: text('A template; encoded by gather'),
    password: text('A template; encoded by gather'),
    host: text('A template'),
    port: { type: ['string', 'number'], description: 'A template' },
    path: text('A template, without the first slash'),
  },
  ['scheme', 'host'],
);

const variable = object({
  default: {
    type: ['string', 'number', 'boolean'],
    description: 'A template: it may name other variables as ${NAME}',
  },
  generate: { enum: [...GENERATORS], description: 'Made once from the CSPRNG, and kept' },
  machine: { enum: [...MACHINE_FACTS], description: 'What only the machine knows' },
  url: { ...url, description: 'A URL as structure; each part is encoded on its own' },
  json: { description: 'A value as structure, written as JSON; each text in it is a template' },
  type: { enum: [...VARIABLE_TYPES], description: 'What the value is checked for' },
  choices: texts('For type choice'),
  min: { type: 'integer', description: 'How many characters it has at least' },
  fallback: { type: 'integer', description: 'For a port: what to try when the default is taken' },
  published: { type: 'boolean', description: 'False for a port of another machine' },
  ask: text('The question of gather init; without one the default is written'),
  secret: { type: 'boolean', description: 'Never shown' },
});

const connection = object(
  {
    conn_type: text('Such as aws'),
    host: text('A template'),
    schema: text('A template'),
    login: text('A template'),
    password: text('A template'),
    port: { type: ['string', 'number'], description: 'A template' },
    extra: { type: 'object', description: 'Each text in it is a template' },
    description: text('For people'),
  },
  ['conn_type'],
);

const image = object({
  registry: text(
    'The public name, pulled where a registry answers; none for what nobody publishes. A template of ${gather.airflow.version}',
  ),
  mirrored: text('In place of registry: its name under the registry that gather.yaml names'),
  build: text(
    "The folder beside the component's file whose Dockerfile builds it, or its equal, from packages",
  ),
  on: text('The variable of the image that it stands on, in the Dockerfile FROM its name without _IMAGE'),
  args: mapOf({ type: ['string', 'number'] }, `Build arguments: ${TEMPLATE}`),
  files: mapOf(
    { type: 'string' },
    `Further files of the build: ./path in the project (empty while there is none), or ${TEMPLATE}`,
  ),
});

const dockerfile = object(
  {
    file: text("A Dockerfile in the project's folder"),
    from: text('The variable of the image that it stands on, and that is used while there is none'),
  },
  ['file', 'from'],
);

const probe = object(
  {
    service: text('Where the command runs'),
    command: texts('argv; each word is a template'),
    json: mapOf({ type: 'string' }, 'Path in the JSON answer → the value that it must have'),
    says: text('What it means when it passes'),
    quick: {
      ...object(
        {
          port: { type: 'integer' },
          send: text('What each container of the service is sent over TCP, a character a byte'),
          answer: text('What its answer must hold; anything when absent'),
        },
        ['port', 'send'],
      ),
      description: 'A cheaper question, asked while nothing has changed since the last boot',
    },
    same_as_healthcheck: {
      type: 'boolean',
      description: 'True when the health check of the service asks the same: a boot does not ask twice',
    },
  },
  ['service', 'command'],
);

const X_GATHER: Record<(typeof X_GATHER_KEYS)[number], Schema> = {
  summary: text('One line that says what the component is'),
  group: text('The heading of its questions'),
  requires: texts('Components without which it cannot be'),
  conflicts: texts('Components that cannot be beside it'),
  replaces: texts('Components that it stands in for'),
  airflow: { type: 'integer', description: 'The major version of Airflow that it is for; both when absent' },
  templates: texts('Services that only exist to be extended'),
  variables: mapOf(variable, 'Entries of .env'),
  connections: mapOf(
    connection,
    'Id (a template) → a connection of Airflow, which gets it as AIRFLOW_CONN_<ID>',
  ),
  images: mapOf(image, 'Variables that name images'),
  dockerfiles: mapOf(
    dockerfile,
    'Variables that name images which a project may build from Dockerfiles of its own',
  ),
  differs: mapOf(
    object(
      {
        here: text('How it is here, when no variable says it'),
        production: text('How Airflow, or production, has it'),
        why: text('What it is good for'),
      },
      ['production', 'why'],
    ),
    'Setting → what differs from production for speed',
  ),
  requirements: texts('Python packages that the Airflow image needs for it'),
  databases: texts('Variables that hold a PostgreSQL URL; init.sql makes its role and database'),
  passes: mapOf(
    texts('Patterns such as AIRFLOW__*'),
    'Service → further variables of .env that it gets as they are',
  ),
  folders: texts('Folders of the project that its containers share'),
  dags: {
    ...object({
      from: { enum: [...DELIVERIES], description: 'What brings a DAG file to Airflow' },
      address: text('A template: s3://bucket/folder/, or what git calls the repository'),
      path: text("A template: where Airflow's containers have them"),
      folder: text('A template: where the same files are on this machine, relative to the project'),
    }),
    description: 'Where the DAGs come from; a later component changes what it writes',
  },
  examples: texts('Example files that only a project with this component gets'),
  routes: mapOf({ type: 'string' }, 'Path at the proxy → address in the stack'),
  links: mapOf({ type: 'string' }, 'Title → address, for people'),
  login: object({ username: text('A variable'), password: text('A variable') }, ['username', 'password']),
  s3: {
    ...object(
      {
        address: text('Where this machine reaches it, a template'),
        access_key: text(
          "The administrator's, a template; without it the keys of the buckets' own components",
        ),
        secret_key: text('The secret that goes with it, a template'),
        region: text('A template; us-east-1 when absent'),
      },
      ['address'],
    ),
    description: "The stack's S3 server, for gather s3 and gather dags push",
  },
  probes: { type: 'array', items: probe, description: 'Checks that its services are really usable' },
};

/** JSON Schema of a component file, for editors. Compose's own keys are Compose's own business. */
export function componentSchema(): Schema {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'A component of gather: a Compose file with an x-gather block',
    type: 'object',
    required: ['x-gather', 'services'],
    properties: { 'x-gather': object(X_GATHER, ['summary']), services: { type: 'object' } },
  };
}

/** JSON Schema of a topology file, for editors. */
export function topologySchema(): Schema {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'A topology of gather: the components and settings that mirror one cloud set-up',
    ...object(
      {
        summary: text('One line that says what it mirrors'),
        components: { ...texts('In the order in which their questions are asked'), minItems: 1 },
        settings: mapOf({ type: ['string', 'number', 'boolean'] }, 'Variable → the default it has here'),
      },
      ['components'],
    ),
  };
}

import type * as v from 'valibot';
import {
  anyMap,
  flag,
  integer,
  listOf,
  mapOf,
  object,
  oneOf,
  oneOrMore,
  optional,
  scalar,
  structure,
  text,
  texts,
  where,
} from '../../model/fields.js';
import { ready } from './ready.js';
import { difference, dockerfile, s3, sql, variable } from './variable.js';
import { DELIVERIES, FILE_FORMATS, OFFER_TYPES, OWN_FORMATS } from './words.js';

/** Where an image comes from: a registry, or a folder that builds it, or its equal, from packages. */
const image = object({
  registry: optional(
    text(
      'The public name, pulled where a registry answers; none for what nobody publishes. May hold ${gather.airflow.version}',
    ),
  ),
  mirrored: optional(text('In place of registry: its name under the registry that gather.yaml names')),
  build: optional(text("The folder with its Dockerfile, beside the component's file")),
  on: optional(text("The variable of the image that it stands on; without one, gather's own Debian")),
  args: mapOf(
    scalar(''),
    'Build arguments: templates of variables and of gather.airflow.version, gather.airflow.released',
  ),
  files: mapOf(
    text(''),
    'Further files of the build: name → ./path in the project, or a template of the text, such as ${gather.requirements}',
  ),
});

const dags = where(
  object(
    {
      from: optional(oneOf(DELIVERIES, 'What brings a DAG file to Airflow')),
      address: optional(text('A template: s3://bucket/folder/, or what git calls the repository')),
      path: optional(text("A template: where Airflow's containers have them")),
      folder: optional(text('A template: where the same files are on this machine, relative to the project')),
    },
    'Where the DAGs come from; a later component changes what it writes',
  ),
  ({ from, address }) => from === undefined || from === 'folder' || address !== undefined,
  'from a bucket or git needs "address", the bucket or the repository',
);

/** A file that gather renders for a service of the component. */
const file = where(
  object({
    format: optional(oneOf(FILE_FORMATS, 'Its language: what is put into it is escaped by its rules')),
    value: optional(
      structure(
        'What is in it. {for: KIND, each: …} stands for one `each` for every offer of that kind, ${item.KEY} in it for what was offered',
      ),
    ),
    from: optional(
      text(
        "In place of both: a file beside the component's that is taken as it is, with # before comments, or HTML",
      ),
    ),
    each: optional(
      text('Kind of offers: one file for each, where the path is that of a folder, with a slash at its end'),
    ),
    name: optional(text('Its name in that folder, such as ${item.name}.properties')),
    service: optional(oneOrMore('The service that gets it, or a list of those that do')),
    target: optional(text('Where they have it; a folder where `each` is')),
    apply: optional(
      object(
        {
          service: text('Where the command runs'),
          command: texts('argv; it reads the file from its standard input'),
        },
        'What brings a changed file into a service that runs, which is then not started anew',
      ),
    ),
  }),
  ({ service, target, each, name, format, value, from }) =>
    (service === undefined) === (target === undefined) &&
    (each === undefined) === (name === undefined) &&
    (format === undefined) === (value === undefined) &&
    (format === undefined) !== (from === undefined),
  'needs both "service" and "target" or none of them, and so with "each" and "name"; and "from", or "format" and "value"',
);

/** Files of a project that are offers as well. */
const takes = object({
  from: text('Their folder in the project'),
  format: oneOf(OWN_FORMATS, 'Their language, and the ending of their names'),
  name: text(
    "The key that is a file's name, without its ending; one takes the place of a component's of that name",
  ),
  value: text('The key that is what stands in it'),
  needs: texts('Keys that have to be in it, with a text'),
});

const state = object({
  rebuilt: optional(flag('True for what the stack makes again by itself: no snapshot keeps it')),
  copy: optional(flag('True where a copy of the files, made while the services are stopped, is right')),
  dump: optional(texts('argv of a command that writes what is in it to its standard output')),
  restore: optional(texts('argv of a command that reads that from its standard input')),
});

/** A program whose version has to fit the data that is there. */
const version = object({
  name: text('What people call the program'),
  env: optional(
    text('The variable of its containers that tells which version they are; without it their image does'),
  ),
  parts: optional(integer('How many numbers of a version tell data apart: 2 of 3.3.2; all when absent', 1)),
  older: optional(
    text('Why an older one cannot have the data: it is refused. Without it, that is asked, too'),
  ),
  newer: optional(text('What a newer one does to the data: that is asked. Without it, it comes unasked')),
  stay: text('How to have the version that was there, ${found}'),
});

const cause = where(
  object({
    says: text('A regular expression that fits a line of a log; capitals make no difference'),
    means: text('What that means, in words'),
    try: texts('Commands or sentences that help'),
  }),
  ({ says }) => isPattern(says),
  'has a "says" that is no regular expression',
);

function isPattern(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}

/** Everything that `x-gather` may say, once: type, reader, JSON Schema and docs/x-gather.md follow from it. */
export const xGather = object({
  summary: text('One line that says what the component is'),
  group: optional(text('The heading of its questions')),
  requires: texts('What it cannot be without: components, or parts that one provides'),
  conflicts: texts('Components that cannot be beside it'),
  replaces: texts('Components that it stands in for'),
  brings: mapOf(
    text(''),
    'Component → one more, which comes along where the stack has both the first and this one',
  ),
  provides: mapOf(
    text(''),
    'Part that others may ask for (database, objects, web …) → the service that is it; empty where it is outside the stack',
  ),
  airflow: optional(integer('The major version of Airflow that it is for; both when absent', 1)),
  templates: texts('Services that only exist to be extended'),
  changes: mapOf(
    anyMap('As Compose merges it'),
    'Service or template of another component → what this one changes in it; left out where the stack has no such service',
  ),
  memory: optional(
    integer(
      'MiB that its services want, beside what one of them reserves for each of its containers (deploy.resources.reservations.memory)',
    ),
  ),
  variables: mapOf(variable, 'Entries of .env'),
  images: mapOf(image, 'Variables that name images'),
  dockerfiles: mapOf(
    dockerfile,
    'Variables that name images which a project may build from Dockerfiles of its own',
  ),
  offers: mapOf(
    listOf(anyMap('What the kind wants; templates'), ''),
    'Kind → what this component brings of it; a kind that nobody in the stack collects is dropped',
  ),
  collects: mapOf(
    mapOf(oneOf(OFFER_TYPES), 'Key, with a ? at its end where it may be missing → what its value is'),
    'Kind of offers that this component owns → what others say of one',
  ),
  takes: mapOf(takes, 'Kind of offers that this component owns → files of the project that are some as well'),
  files: mapOf(file, 'Path in the project → a file that gather renders'),
  passes: mapOf(
    texts('Patterns such as AIRFLOW__*'),
    'Service → further variables of .env that it gets as they are',
  ),
  folders: texts('Folders of the project that its containers share'),
  dags: optional(dags),
  examples: texts('Example files that only a project with this component gets'),
  links: mapOf(text(''), 'Title → address, for people'),
  s3: optional(s3),
  sql: optional(sql),
  ready: listOf(ready, 'When its services are usable'),
  differs: mapOf(difference, 'Setting → what differs from production'),
  state: mapOf(state, 'Volume → what a snapshot has to keep of it, and how'),
  versions: mapOf(version, 'Variable of an image → what its version has to do with the data that is there'),
  rotation: mapOf(text(''), 'Variable → what happens when its secret is replaced'),
  causes: listOf(cause, 'What lines in its logs mean'),
});

export type VersionSpec = v.InferOutput<typeof version>;
export type XGather = v.InferOutput<typeof xGather>;

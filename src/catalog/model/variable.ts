import type * as v from 'valibot';
import {
  flag,
  integer,
  mapOf,
  object,
  oneOf,
  optional,
  scalar,
  structure,
  text,
  texts,
  where,
} from '../../model/fields.js';
import { GENERATORS, MACHINE_FACTS, VARIABLE_TYPES } from './words.js';

/** A URL as structure: each part is a template of other variables and is percent-encoded on its own. */
export const url = object(
  {
    scheme: text('Such as postgresql+psycopg2'),
    username: optional(text('A template; encoded by gather')),
    password: optional(text('A template; encoded by gather')),
    host: text('A template; localhost is where the published ports listen'),
    port: optional(scalar('A template')),
    path: optional(text('A template, without the first slash')),
  },
  'A URL as structure; each part is encoded on its own',
);

/** A certificate, as structure: of an authority that another variable holds. */
export const certificate = object(
  {
    authority: text('A template: the variable with `generate: authority`'),
    names: texts(
      'Templates: by which names and addresses the server is called; without any, it is that of the authority itself',
    ),
  },
  'A certificate in base64 of PEM, for a server with its key and the one of the authority behind it',
);

/** One entry of `.env`, as a component writes it. */
export const variable = object({
  default: optional(scalar('A template: it may name other variables as ${NAME}')),
  generate: optional(oneOf(GENERATORS, 'Made once from the CSPRNG, and kept')),
  machine: optional(oneOf(MACHINE_FACTS, 'What only the machine knows')),
  url: optional(url),
  certificate: optional(certificate),
  json: optional(structure('A value as structure, written as JSON; each text in it is a template')),
  type: optional(oneOf(VARIABLE_TYPES, 'What the value is checked for')),
  choices: optional(texts('For type choice')),
  min: optional(
    integer('How many characters it has at least; of an integer the least that it may be, 1 when absent'),
  ),
  refuses: optional(mapOf(text(''), 'Value that it cannot have here → why')),
  fallback: optional(integer('For a port: what to try when the default is taken', 1)),
  published: optional(flag('False for a port of another machine')),
  unlike: optional(texts('Variables whose value it cannot have, such as the database of another part')),
  ask: optional(text('The question of gather init; without one the default is written')),
  secret: optional(flag('Never shown')),
});

export type CertificateSpec = v.InferOutput<typeof certificate>;
export type UrlSpec = v.InferOutput<typeof url>;
export type VariableModel = v.InferOutput<typeof variable>;

/** An image that a project builds from a Dockerfile of its own; while it has none, the image that it stands on is used. */
export const dockerfile = object({
  file: text("A Dockerfile in the project's folder"),
  from: text('The variable of the image that it stands on, and that is used while there is none'),
});

/** What differs from production; `gather up --explain` lists it. */
export const difference = object({
  here: optional(text('How it is here, when no variable says it')),
  production: text('How Airflow, or production, has it'),
  why: text('What it is good for'),
  patched: optional(flag('True where an object of Airflow is changed for it, whatever the launcher')),
});

const sqlLogin = object(
  {
    token: text('Where this machine gets a token, by client credentials; a template'),
    client: text('A template'),
    secret: text('The secret of that client, a template'),
    authority: text('The certificate by which the server is known, in base64 of PEM; a template'),
  },
  'How gather logs in, with a token over TLS',
);

/** The SQL server, of the component that brings it. */
export const sql = object(
  {
    login: optional(sqlLogin),
    address: text('Where this machine reaches it, a template'),
    user: text('The name under which it is asked, a template'),
    command: texts('argv of its own command line, in the service that is the part `sql`; templates'),
    catalog: optional(text('Where a table is looked for whose name has no catalog, a template')),
  },
  "The stack's SQL server, which speaks Trino's protocol, for gather trino",
);

/** The S3 server, of the component that brings it or stands for it. */
export const s3 = where(
  object(
    {
      address: text('Where this machine reaches it, a template'),
      access_key: optional(
        text("The administrator's, a template; without it the keys of the buckets' own components"),
      ),
      secret_key: optional(text('The secret that goes with it, a template')),
      region: optional(text('A template; us-east-1 when absent')),
    },
    "The stack's S3 server, for gather s3 and gather dags push",
  ),
  ({ access_key, secret_key }) => !access_key === !secret_key,
  'needs both "access_key" and "secret_key", or none of them',
);

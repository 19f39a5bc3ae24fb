import type * as v from 'valibot';
import {
  flag,
  integer,
  mapOf,
  object,
  oneOf,
  optional,
  scalar,
  text,
  texts,
  where,
} from '../../model/fields.js';

const http = object(
  {
    port: integer('Inside the container', 1),
    path: text('A template, with the first slash'),
    status: optional(oneOf(['any'], 'any: whatever it answers, it is there; else it has to answer 200')),
    json: optional(
      mapOf(scalar('The value that it must have'), 'Path in the JSON answer → the value that it must have'),
    ),
    why: optional(flag('True where the body of a refusal says in words what is wrong')),
    every: optional(text('The path for each container by itself, where `path` asks one about all of them')),
  },
  'It answers a GET request',
);

const tcp = object(
  {
    port: integer('Inside the container', 1),
    send: optional(text('What it is sent, a character a byte')),
    answer: optional(text('What its answer must hold; anything when absent')),
  },
  'It takes connections, and answers what it is sent',
);

/**
 * The one question whose answer says that a service is really usable. From it follow the health check of a service that writes no
 * `test` of its own, the check of a boot and the cheap question of a repeated `gather up`.
 */
export const ready = where(
  object({
    service: text('Which service is asked'),
    http: optional(http),
    tcp: optional(tcp),
    exec: optional(
      texts('argv of a command in the container, each word a template; where nothing cheaper says it'),
    ),
    says: optional(text('What it means when it passes')),
  }),
  ({ http, tcp, exec }) => http !== undefined || tcp !== undefined || (exec ?? []).length > 0,
  'needs a question: "http", "tcp" or "exec"',
);

export type ReadyModel = v.InferOutput<typeof ready>;

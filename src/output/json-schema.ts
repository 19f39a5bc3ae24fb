import { type Event, PHASES, SERVICE_STATES } from './events.js';

type Schema = Record<string, unknown>;

const text = (description: string): Schema => ({ type: 'string', description });
const seconds = (description: string): Schema => ({ type: 'number', minimum: 0, description });
const texts = (description: string): Schema => ({ type: 'array', items: { type: 'string' }, description });

/** Of each event: its properties, those that may be missing, and when it is told. */
const EVENTS: Record<
  Event['type'],
  { says: string; properties: Record<string, Schema>; optional?: string[] }
> = {
  note: { says: 'Something worth knowing', properties: { text: text('In words') } },
  warning: {
    says: 'Something that may be wrong; the command goes on',
    properties: { text: text('In words'), hints: texts('What to do') },
    optional: ['hints'],
  },
  'phase-done': {
    says: 'A part of the boot is through',
    properties: { phase: { enum: [...PHASES] }, seconds: seconds('It took'), text: text('In words') },
  },
  progress: {
    says: 'Work on an image goes on',
    properties: { subject: text('The image'), text: text('Its last line') },
  },
  'progress-done': {
    says: 'Work on an image is done',
    properties: { subject: text('The image'), seconds: seconds('It took') },
  },
  service: {
    says: 'A container is in another state',
    properties: {
      service: text("Compose's name"),
      container: text('Service and number'),
      state: { enum: [...SERVICE_STATES] },
      seconds: seconds('Since the services began to start'),
      waitsFor: texts('Services that are not ready yet and that it depends on'),
    },
    optional: ['waitsFor'],
  },
  probe: {
    says: 'A check of a part of the stack',
    properties: {
      service: text('Where it was made'),
      says: text('What it means when it passes'),
      passed: { type: 'boolean' },
    },
  },
  task: {
    says: 'A task of a DAG run is in another state',
    properties: { task: text('Its id'), state: text("Airflow's word"), seconds: seconds('It ran') },
    optional: ['seconds'],
  },
  log: {
    says: 'A line that others wrote',
    properties: {
      source: text('The task or the container; empty for what a command writes'),
      text: text('The line'),
    },
  },
  'dag-file': {
    says: 'A file of DAGs was read again',
    properties: {
      file: text('Its path'),
      line: { type: 'integer', minimum: 1, description: 'Where the problem is' },
      problem: text('Why it cannot be imported'),
      trace: texts('Where it was raised'),
    },
    optional: ['line', 'problem', 'trace'],
  },
};

const RESULT = line('result', 'The last line when the command did its work', { data: {} });
const ERROR = line(
  'error',
  'The last line when it did not',
  {
    code: text('A stable name, such as STACK_UNHEALTHY'),
    message: text('What happened'),
    where: {
      type: 'object',
      properties: { file: text('Path'), line: { type: 'integer', minimum: 1 } },
      required: ['file'],
      additionalProperties: false,
    },
    details: texts('What led to it'),
    hints: texts('What to do'),
  },
  ['where'],
);

/** JSON Schema of one line that a command writes with `--output json`: events, and as the last line the outcome. */
export function eventSchema(): Schema {
  const events = Object.entries(EVENTS).map(([type, { says, properties, optional }]) =>
    line(type, says, properties, optional),
  );
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'A line of gather --output json (NDJSON); the last one is a result or an error',
    oneOf: [...events, RESULT, ERROR],
  };
}

function line(
  type: string,
  says: string,
  properties: Record<string, Schema>,
  optional: string[] = [],
): Schema {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return {
    type: 'object',
    description: says,
    properties: { type: { const: type }, ...properties },
    required: ['type', ...required],
    additionalProperties: false,
  };
}

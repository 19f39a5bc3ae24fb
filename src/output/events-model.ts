import * as v from 'valibot';
import { flag, integer, line, lines, number, object, oneOf, optional, structure } from '../model/fields.js';

/** The parts of a boot, in their order; each is timed. */
const PHASES = ['engine', 'preflight', 'images', 'services', 'probes'] as const;

/** What a service's container is doing, in Docker's own words. */
const SERVICE_STATES = [
  'created',
  'starting',
  'running',
  'healthy',
  'unhealthy',
  'exited',
  'done',
  'restarting',
  'paused',
  'missing',
] as const;

const event = <const T extends string, const E extends v.ObjectEntries>(type: T, says: string, entries: E) =>
  object({ type: v.literal(type), ...entries }, says);

/**
 * The events of `--output json`, once: type, JSON Schema and docs/events.md follow from it. Only types may be imported of this file
 * by what a command loads: it brings valibot with it.
 */
export const EVENTS = [
  event('note', 'Something worth knowing', { text: line('In words') }),
  event('warning', 'Something that may be wrong; the command goes on', {
    text: line('In words'),
    hints: optional(lines('What to do')),
  }),
  event('moved', 'The project was moved, and its stack and data are still its own; said once', {
    from: line('The folder where they were made'),
    to: line('The folder where the project is now'),
    volumes: lines('Its data, by the names that the engine has for it'),
  }),
  event('phase-done', 'A part of the boot is through', {
    phase: oneOf(PHASES, 'Which one'),
    seconds: number('It took'),
    text: line('In words'),
  }),
  event('progress', 'Work on an image goes on', { subject: line('The image'), text: line('Its last line') }),
  event('progress-done', 'Work on an image is done', {
    subject: line('The image'),
    seconds: number('It took'),
  }),
  event('service', 'A container is in another state', {
    service: line("Compose's name"),
    container: line('Service and number'),
    state: oneOf(SERVICE_STATES, "In Docker's own words"),
    seconds: number('Since the services began to start'),
    waitsFor: optional(lines('Services that are not ready yet and that it depends on')),
  }),
  event('probe', 'A check of a part of the stack', {
    service: line('Where it was made'),
    says: line('What it means when it passes'),
    passed: flag('Whether it did'),
  }),
  event('task', 'A task of a DAG run that is followed is in another state', {
    task: line('Its id'),
    state: line("Airflow's word"),
    seconds: optional(number('It ran; once it has ended')),
  }),
  event('log', "A line that others wrote and a person asked for: a task's log, or a test's output", {
    source: line('The task or the container; empty for what a command writes'),
    text: line('The line'),
  }),
  event('dag-file', 'A file of DAGs was read again', {
    file: line('Its path'),
    line: optional(integer('Where the problem is', 1)),
    problem: optional(line('Why it cannot be imported')),
    trace: optional(lines('Where it was raised')),
  }),
] as const;

/** The last line, of which there is one. */
export const OUTCOMES = [
  event('result', 'The last line when the command did its work', {
    data: structure('What the command found out or did'),
  }),
  event('error', 'The last line when it did not', {
    code: line('A stable name, such as STACK_UNHEALTHY'),
    message: line('What happened'),
    where: optional(
      object({ file: line('Path'), line: optional(integer('The line in it', 1)) }, 'In which file'),
    ),
    details: lines('What led to it'),
    hints: lines('What to do'),
  }),
] as const;

/** One line that a command writes with `--output json`. */
export const outputLine = v.variant('type', [...EVENTS, ...OUTCOMES]);

export type Event = v.InferOutput<(typeof EVENTS)[number]>;

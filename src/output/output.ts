import { GatherError } from './errors.js';
import type { Event, Reporter } from './events.js';
import { LiveReporter } from './live.js';
import { lineOf, PlainReporter } from './plain.js';

export const OUTPUT_FORMATS = ['text', 'json'] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/** What a command hands back: data for programs, the same as text for people. */
export interface Result {
  data?: unknown;
  text?: string;
  exitCode?: number;
}

/** The one place that knows about terminals: stdout is data, stderr is prose. */
export class Output implements Reporter {
  private readonly reporter: Reporter;

  constructor(readonly format: OutputFormat) {
    const toStderr = (line: string) => void process.stderr.write(`${line}\n`);
    if (format === 'json') this.reporter = { event: (event) => this.json(event), close: () => {} };
    else if (process.stderr.isTTY && process.env.TERM !== 'dumb' && !process.env.CI)
      this.reporter = new LiveReporter(process.stderr);
    else this.reporter = new PlainReporter(toStderr);
  }

  event(event: Event): void {
    // what a person asked to read is data, and can be piped on
    if (event.type === 'log' && this.format === 'text') {
      this.reporter.close();
      process.stdout.write(`${lineOf(event)}\n`);
    } else this.reporter.event(event);
  }

  close(): void {
    this.reporter.close();
  }

  /** The outcome: the last line in JSON. */
  result(result: Result): void {
    this.close();
    if (this.format === 'json') this.json({ type: 'result', data: result.data ?? {} });
    else if (result.text) process.stdout.write(result.text.endsWith('\n') ? result.text : `${result.text}\n`);
  }

  error(error: GatherError): void {
    this.close();
    if (this.format === 'json')
      this.json({
        type: 'error',
        code: error.code,
        message: error.message,
        ...(error.where ? { where: error.where } : {}),
        details: error.details,
        hints: error.hints,
      });
    else process.stderr.write(`${errorText(error)}\n`);
  }

  private json(value: unknown): void {
    process.stdout.write(`${JSON.stringify(value)}\n`);
  }
}

/** An error as a person reads it: where, what, what led to it, what to do. */
export function errorText(error: GatherError): string {
  const where = error.where
    ? `${error.where.file}${error.where.line === undefined ? '' : `:${error.where.line}`}: `
    : '';
  const lines = [`error: ${where}${error.message}`, ...error.details.map((line) => `  ${line}`)];
  if (error.hints.length) lines.push('', ...error.hints.map((hint) => `  → ${hint}`));
  return lines.join('\n');
}

/** Anything thrown, as one of ours; what we did not foresee keeps its message. */
export function normalizeError(error: unknown): GatherError {
  if (error instanceof GatherError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const details =
    process.env.GATHER_DEBUG && error instanceof Error ? (error.stack ?? '').split('\n').slice(1) : [];
  return new GatherError('INTERNAL', message, {
    details,
    cause: error,
    hints: ['GATHER_DEBUG=1 shows where in gather it happened'],
  });
}

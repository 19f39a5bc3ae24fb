import type { Event, Reporter } from './events.js';

/** One line an event, for logs and pipes. */
export class PlainReporter implements Reporter {
  private readonly last = new Map<string, { text: string; at: number }>();

  constructor(
    private readonly write: (line: string) => void,
    private readonly now: () => number = Date.now,
  ) {}

  event(event: Event): void {
    if (event.type === 'progress' && this.isTooMuch(event.subject, event.text)) return;
    const line = lineOf(event);
    if (line) this.write(line);
  }

  close(): void {}

  /** A build says hundreds of lines: one in two seconds shows that it moves. */
  private isTooMuch(subject: string, text: string): boolean {
    const last = this.last.get(subject);
    if (last && (last.text === text || this.now() - last.at < 2000)) return true;
    this.last.set(subject, { text, at: this.now() });
    return false;
  }
}

/** An event as one line of text; empty when it says nothing to a person. */
export function lineOf(event: Event): string {
  switch (event.type) {
    case 'note':
      return event.text;
    case 'warning':
      return [`warning: ${event.text}`, ...(event.hints ?? []).map((hint) => `  try: ${hint}`)].join('\n');
    case 'moved': {
      const data = event.volumes.length ? `; its data belongs to it: ${event.volumes.join(', ')}` : '';
      return `moved: this project was in ${event.from}, and is in ${event.to} now${data}`;
    }
    case 'phase-done':
      return `${event.phase}: ${event.text} (${event.seconds.toFixed(1)} s)`;
    case 'progress':
      return `  ${event.subject}: ${event.text}`;
    case 'progress-done':
      return `  ${event.subject}: done (${event.seconds.toFixed(1)} s)`;
    case 'service':
      return `  ${event.container} ${event.state} (${event.seconds.toFixed(1)} s)${event.waitsFor?.length ? `, waits for ${event.waitsFor.join(', ')}` : ''}`;
    case 'probe':
      return event.passed ? `  ${event.service}: ${event.says}` : '';
    case 'task':
      return `  ${event.task}: ${event.state}${event.seconds === undefined ? '' : ` (${event.seconds.toFixed(1)} s)`}`;
    case 'log':
      return event.source ? `[${event.source}] ${event.text}` : event.text;
    case 'dag-file': {
      const place = event.line === undefined ? event.file : `${event.file}:${event.line}`;
      const trace = (event.trace ?? []).map((line) => `    ${line}`);
      return event.problem ? [`✖ ${place}: ${event.problem}`, ...trace].join('\n') : `✔ ${place} imports`;
    }
  }
}

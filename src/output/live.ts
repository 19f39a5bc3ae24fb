import type { Event, Reporter } from './events.js';
import { lineOf } from './plain.js';

const REDRAW_MS = 100;
const MARKS: Record<string, string> = {
  healthy: '✔',
  done: '✔',
  running: '●',
  unhealthy: '✖',
  exited: '✖',
  restarting: '✖',
};

interface Row {
  text: string;
  since: number;
  seconds?: number;
  mark: string;
}

/** Rows that are redrawn in place on a terminal: one a service or image, with state, seconds and what it waits for. */
export class LiveReporter implements Reporter {
  private readonly rows = new Map<string, Row>();
  private drawn = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly terminal: { write(text: string): unknown; columns?: number; rows?: number }) {}

  event(event: Event): void {
    const now = Date.now();
    switch (event.type) {
      case 'service': {
        const waits = event.waitsFor?.length ? `  waits for ${event.waitsFor.join(', ')}` : '';
        const settled = event.state in MARKS;
        this.row(event.container, {
          text: `${event.state}${waits}`,
          since: now - event.seconds * 1000,
          mark: MARKS[event.state] ?? '·',
          ...(settled ? { seconds: event.seconds } : {}),
        });
        break;
      }
      case 'progress':
        this.row(event.subject, {
          text: event.text,
          since: this.rows.get(event.subject)?.since ?? now,
          mark: '·',
        });
        break;
      case 'progress-done':
        this.row(event.subject, { text: 'done', since: now, seconds: event.seconds, mark: '✔' });
        break;
      case 'phase-done':
        this.settle();
        this.say(lineOf(event));
        break;
      default: {
        const line = lineOf(event);
        if (line) this.say(line);
      }
    }
  }

  close(): void {
    this.settle();
  }

  private row(name: string, row: Row): void {
    this.rows.set(name, row);
    this.timer ??= setInterval(() => this.draw(), REDRAW_MS).unref();
  }

  /** Leaves the rows as they are on screen and starts below them. */
  private settle(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    if (this.rows.size) this.draw();
    this.rows.clear();
    this.drawn = 0;
  }

  private say(line: string): void {
    this.erase();
    this.terminal.write(`${line}\n`);
    this.draw();
  }

  private erase(): void {
    if (this.drawn) this.terminal.write(`\x1b[${this.drawn}A\x1b[0J`);
    this.drawn = 0;
  }

  /** The rows that the terminal has room for: what is scrolled away cannot be redrawn. Those that go on come first. */
  private fitting(): { shown: [string, Row][]; left: number } {
    const rows = [...this.rows];
    const room = Math.max(1, (this.terminal.rows || 24) - 2);
    if (rows.length <= room) return { shown: rows, left: 0 };
    const unfinished = rows.filter(([, row]) => row.mark !== '✔');
    const finished = rows.filter(([, row]) => row.mark === '✔');
    const kept = new Set([...unfinished, ...finished].slice(0, room));
    return { shown: rows.filter((row) => kept.has(row)), left: rows.length - kept.size };
  }

  private draw(): void {
    // a terminal that does not know its size says 0
    const width = this.terminal.columns || 80;
    const longest = Math.max(0, ...[...this.rows.keys()].map((name) => name.length));
    const { shown, left } = this.fitting();
    const lines = shown.map(([name, row]) => {
      const seconds = (row.seconds ?? (Date.now() - row.since) / 1000).toFixed(1).padStart(6);
      return ` ${row.mark} ${name.padEnd(longest)} ${seconds} s  ${row.text}`.slice(0, width - 1);
    });
    if (left) lines.push(` … and ${left} more`.slice(0, width - 1));
    this.erase();
    if (lines.length) this.terminal.write(`${lines.join('\n')}\n`);
    this.drawn = lines.length;
  }
}

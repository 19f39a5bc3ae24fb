import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Event, ServiceState } from '../../src/output/events.js';
import { LiveReporter } from '../../src/output/live.js';

/** A terminal as far as the reporter uses it: lines, and "so many up, and clear". */
class PlayTerminal {
  readonly lines: string[] = [''];
  constructor(
    readonly columns = 60,
    readonly rows = 24,
  ) {}

  write(text: string): void {
    const up = /^\x1b\[(\d+)A\x1b\[0J$/.exec(text);
    if (up) this.lines.splice(this.lines.length - 1 - Number(up[1]), Number(up[1]));
    else for (const line of text.split('\n').slice(0, -1)) this.lines.splice(this.lines.length - 1, 0, line);
  }

  get shown(): string[] {
    return this.lines.slice(0, -1);
  }
}

const service = (container: string, state: ServiceState, seconds: number, waitsFor?: string[]): Event => ({
  type: 'service',
  service: container,
  container,
  state,
  seconds,
  ...(waitsFor ? { waitsFor } : {}),
});

describe('the live reporter', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  test('never draws more rows than the terminal has: what goes on comes first', () => {
    const terminal = new PlayTerminal(60, 6);
    const live = new LiveReporter(terminal);
    for (let i = 1; i <= 9; i++) live.event(service(`worker-${i}`, i % 3 ? 'healthy' : 'starting', i));
    vi.advanceTimersByTime(1000);
    expect(terminal.shown).toHaveLength(5);
    for (const name of ['worker-3', 'worker-6', 'worker-9']) expect(terminal.shown.join()).toContain(name);
    expect(terminal.shown.at(-1)).toBe(' … and 5 more');
  });

  test('has one row a container, redrawn in place', () => {
    const terminal = new PlayTerminal();
    const live = new LiveReporter(terminal);
    live.event(service('redis-1', 'created', 0));
    live.event(service('worker-1', 'created', 0, ['redis']));
    vi.advanceTimersByTime(1000);
    expect(terminal.shown).toEqual([
      ' · redis-1     1.0 s  created',
      ' · worker-1    1.0 s  created  waits for redis',
    ]);
    live.event(service('redis-1', 'healthy', 1.5));
    vi.advanceTimersByTime(1000);
    expect(terminal.shown).toEqual([
      ' ✔ redis-1     1.5 s  healthy',
      ' · worker-1    2.0 s  created  waits for redis',
    ]);
    live.close();
    expect(terminal.shown).toHaveLength(2);
  });

  test('says a note above the rows', () => {
    const terminal = new PlayTerminal();
    const live = new LiveReporter(terminal);
    live.event({ type: 'progress', subject: 'base', text: 'unpacking' });
    vi.advanceTimersByTime(200);
    live.event({ type: 'note', text: 'look' });
    expect(terminal.shown[0]).toBe('look');
    expect(terminal.shown[1]).toMatch(/^ · base\s+\S+ s {2}unpacking$/);
    live.event({ type: 'progress-done', subject: 'base', seconds: 4 });
    live.event({ type: 'phase-done', phase: 'images', seconds: 5, text: 'one image' });
    expect(terminal.shown.join('\n')).toMatch(/look\n ✔ base\s+4\.0 s {2}done\nimages: one image \(5\.0 s\)/);
  });

  test('cuts a row to the width, so that it stays one line', () => {
    const terminal = new PlayTerminal(20);
    const live = new LiveReporter(terminal);
    live.event({ type: 'progress', subject: 'base', text: 'a very long line of a build' });
    live.close();
    expect(terminal.shown).toHaveLength(1);
    expect(terminal.shown[0]).toHaveLength(19);
  });

  test('a terminal that does not know its size has 80 columns', () => {
    const terminal = new PlayTerminal(0, 0);
    const live = new LiveReporter(terminal);
    live.event({ type: 'progress', subject: 'base', text: 'y'.repeat(200) });
    live.close();
    expect(terminal.shown[0]).toHaveLength(79);
  });

  test('marks what went wrong', () => {
    const terminal = new PlayTerminal();
    const live = new LiveReporter(terminal);
    live.event(service('a-1', 'unhealthy', 2));
    live.close();
    expect(terminal.shown[0]).toMatch(/^ ✖ a-1\s+2\.0 s {2}unhealthy$/);
  });
});

import type { BootRecord } from './boot-record.js';

/** One bar: what it is, and its seconds since the boot began. `ready` is where waiting ends and the work of starting begins. */
export interface Bar {
  name: string;
  kind: 'phase' | 'image' | 'container';
  from: number;
  ready: number;
  to: number;
  says: string;
}

/** The bars of a boot, in the order in which things began. */
export function barsOf(record: BootRecord): Bar[] {
  const seconds = (value: number) => `${value.toFixed(1)} s`;
  const timed = (kind: Bar['kind']) => (span: { name: string; from: number; to: number }) => ({
    name: span.name,
    kind,
    from: span.from,
    ready: span.from,
    to: span.to,
    says: seconds(span.to - span.from),
  });
  const containers = record.containers.map((one): Bar => {
    const from = one.created ?? one.started ?? 0;
    const ready = one.started ?? record.seconds;
    const to = one.settled ?? record.seconds;
    const end = one.settled === undefined ? `${one.state}, not settled` : one.state;
    const waited = one.waitedFor.length ? `, waited for ${one.waitedFor.join(', ')}` : '';
    return {
      name: one.container,
      kind: 'container',
      from,
      ready,
      to,
      says: `${end} at ${seconds(to)}${waited}`,
    };
  });
  return [
    ...record.phases.filter((phase) => phase.to - phase.from >= 0.05).map(timed('phase')),
    ...record.images.map(timed('image')),
    ...containers,
  ];
}

/** The boot as text: `░` is waiting, `█` is starting. No line is longer than `width`. */
export function waterfall(record: BootRecord, width: number): string {
  const bars = barsOf(record);
  // on a narrow terminal the names give way to ten columns of bars
  const longest = Math.min(26, Math.max(1, width - 21), Math.max(...bars.map((bar) => bar.name.length), 0));
  const columns = Math.max(10, width - longest - 11);
  const column = (seconds: number) =>
    Math.min(columns, Math.round((seconds / Math.max(record.seconds, 0.1)) * columns));
  return bars
    .map((bar) => {
      const [ready, to] = [Math.min(column(bar.ready), columns - 1), column(bar.to)];
      // what begins in the last moment still has a bar
      const from = Math.min(column(bar.from), columns - 1);
      const line =
        ' '.repeat(from) + '░'.repeat(Math.max(0, ready - from)) + '█'.repeat(Math.max(1, to - ready));
      const name = bar.name.slice(0, longest).padEnd(longest);
      return `  ${name} ${bar.to.toFixed(1).padStart(6)} ${line.slice(0, columns)}`.trimEnd();
    })
    .join('\n');
}

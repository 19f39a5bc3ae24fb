import { describe, expect, test } from 'vitest';
import type { Event } from '../../src/output/events.js';
import { lineOf, PlainReporter } from '../../src/output/plain.js';

test.each<[Event, string]>([
  [{ type: 'note', text: 'a' }, 'a'],
  [{ type: 'warning', text: 'a', hints: ['b', 'c'] }, 'warning: a\n  try: b\n  try: c'],
  [
    { type: 'moved', from: '/a', to: '/b', volumes: ['v', 'w'] },
    'moved: this project was in /a, and is in /b now; its data belongs to it: v, w',
  ],
  [{ type: 'moved', from: '/a', to: '/b', volumes: [] }, 'moved: this project was in /a, and is in /b now'],
  [{ type: 'phase-done', phase: 'images', seconds: 1.234, text: 'a' }, 'images: a (1.2 s)'],
  [{ type: 'progress', subject: 'redis', text: 'pulling' }, '  redis: pulling'],
  [{ type: 'progress-done', subject: 'redis', seconds: 2 }, '  redis: done (2.0 s)'],
  [
    { type: 'service', service: 'a', container: 'a-1', state: 'healthy', seconds: 3 },
    '  a-1 healthy (3.0 s)',
  ],
  [
    { type: 'service', service: 'a', container: 'a-1', state: 'created', seconds: 3, waitsFor: ['b', 'c'] },
    '  a-1 created (3.0 s), waits for b, c',
  ],
  [{ type: 'probe', service: 'a', says: 'scheduler is healthy', passed: true }, '  a: scheduler is healthy'],
  [{ type: 'probe', service: 'a', says: 'scheduler is healthy', passed: false }, ''],
])('%j is a line', (event, line) => {
  expect(lineOf(event)).toBe(line);
});

describe('the plain reporter', () => {
  const reporter = () => {
    const lines: string[] = [];
    const clock = { now: 0 };
    return {
      lines,
      clock,
      reporter: new PlainReporter(
        (line) => lines.push(line),
        () => clock.now,
      ),
    };
  };
  const progress = (subject: string, text: string): Event => ({ type: 'progress', subject, text });

  test('says what an event says, and nothing when it says nothing', () => {
    const { lines, reporter: plain } = reporter();
    plain.event({ type: 'note', text: 'a' });
    plain.event({ type: 'probe', service: 'a', says: 'b', passed: false });
    expect(lines).toEqual(['a']);
  });

  test('says of a task, of a line of its log and of a file of DAGs what is known', () => {
    const { lines, reporter: plain } = reporter();
    plain.event({ type: 'task', task: 'say', state: 'running' });
    plain.event({ type: 'log', source: 'say', text: 'hello' });
    plain.event({ type: 'log', source: '', text: '1 passed' });
    plain.event({ type: 'task', task: 'say', state: 'success', seconds: 1.25 });
    plain.event({ type: 'dag-file', file: 'dags/a.py', line: 2, problem: 'SyntaxError: no', trace: ['x'] });
    plain.event({ type: 'dag-file', file: 'dags/a.py' });
    expect(lines).toEqual([
      '  say: running',
      '[say] hello',
      '1 passed',
      '  say: success (1.3 s)',
      '✖ dags/a.py:2: SyntaxError: no\n    x',
      '✔ dags/a.py imports',
    ]);
  });

  test('tells of progress at most every two seconds for each subject, and never twice the same', () => {
    const { lines, clock, reporter: plain } = reporter();
    plain.event(progress('a', '1'));
    clock.now = 1999;
    plain.event(progress('a', '2'));
    plain.event(progress('b', '1'));
    clock.now = 2000;
    plain.event(progress('a', '3'));
    clock.now = 9000;
    plain.event(progress('a', '3'));
    expect(lines).toEqual(['  a: 1', '  b: 1', '  a: 3']);
  });
});

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { followRun, startRun } from '../../../src/airflow/dags/run.js';
import type { Event } from '../../../src/output/events.js';
import { PlayAirflow, type PlayTask } from '../api/play-airflow.js';

const TIME = '2026-01-01T00:00:00+00:00';
const LATER = '2026-01-01T00:00:03.500000+00:00';

const task = (task_id: string, state: string | null, more: Partial<PlayTask> = {}): PlayTask => ({
  task_id,
  map_index: -1,
  state,
  try_number: 1,
  start_date: TIME,
  end_date: LATER,
  ...more,
});

/** As a project knows its files; Airflow 3 tells of broken ones below the folder of DAGs. */
const nameOf = (path: string) => path.replace(/^(\/opt\/airflow\/dags\/)?/, 'dags/');

describe.each([2, 3])('a run in Airflow %i', (major) => {
  let airflow: PlayAirflow;
  let events: Event[];
  const report = { event: (event: Event) => void events.push(event), close: () => {} };
  const trigger = (id: string, unpause = false) =>
    startRun(airflow.rest({ nameOf }), id, { conf: {}, unpause, report });
  const said = (type: Event['type']) => events.filter((event) => event.type === type);

  /** Starts a run that goes through these looks, one a poll. */
  async function follow(looks: { state: string; tasks: PlayTask[] }[], logs = false, signal = never()) {
    const run = await trigger('hello');
    let at = 0;
    airflow.onLook = (now) =>
      Object.assign(now, looks[Math.min(at++, looks.length - 1)], { end_date: LATER });
    return followRun(airflow.rest({ signal }), 'hello', run, { logs, report, signal, pollMs: 10 });
  }
  const never = () => new AbortController().signal;

  beforeEach(async () => {
    airflow = await PlayAirflow.start(major);
    airflow.addDag('hello');
    events = [];
  });
  afterEach(() => airflow.stop());

  test('of a DAG that nobody knows is refused with the nearest name', async () => {
    await expect(trigger('helo')).rejects.toMatchObject({
      code: 'DAG_NOT_FOUND',
      message: expect.stringContaining('did you mean "hello"?'),
    });
  });

  test('of a paused DAG with a schedule is refused, unless it may be switched on', async () => {
    const dag = airflow.addDag('daily', { is_paused: true, schedule: '@daily' });
    await expect(trigger('daily')).rejects.toMatchObject({
      code: 'DAG_PAUSED',
      hints: expect.arrayContaining(['gather dags trigger daily --unpause']),
    });
    expect([dag.is_paused, dag.runs.size]).toEqual([true, 0]);
    await trigger('daily', true);
    expect([dag.is_paused, dag.runs.size]).toEqual([false, 1]);
  });

  test('of a paused DAG without one switches it on, and says so', async () => {
    const dag = airflow.addDag('by_hand', { is_paused: true });
    await trigger('by_hand');
    expect([dag.is_paused, dag.runs.size]).toEqual([false, 1]);
    expect(said('note')).toEqual([{ type: 'note', text: 'by_hand was paused, and is switched on now' }]);
  });

  test('of a DAG whose file is broken now warns that the former one runs', async () => {
    airflow.broken.set('/opt/airflow/dags/hello.py', 'SyntaxError: bad');
    await trigger('hello');
    expect(said('warning')).toEqual([
      expect.objectContaining({ text: expect.stringContaining('dags/hello.py cannot be imported') }),
    ]);
  });

  test('is followed to its end, each state of a task told once', async () => {
    const outcome = await follow([
      { state: 'queued', tasks: [task('say', null)] },
      { state: 'running', tasks: [task('say', 'queued')] },
      { state: 'running', tasks: [task('say', 'running')] },
      { state: 'running', tasks: [task('say', 'running')] },
      { state: 'success', tasks: [task('say', 'success'), task('work', 'success', { map_index: 2 })] },
    ]);
    expect(outcome).toMatchObject({ dag: 'hello', state: 'success', seconds: 3.5, failures: [] });
    expect(outcome.tasks[1]).toEqual({ task: 'work[2]', state: 'success', seconds: 3.5, tries: 1 });
    expect(said('task')).toEqual([
      { type: 'task', task: 'say', state: 'running' },
      { type: 'task', task: 'say', state: 'success', seconds: 3.5 },
      { type: 'task', task: 'work[2]', state: 'success', seconds: 3.5 },
    ]);
  });

  test('that fails names the tasks that failed themselves, with their last words', async () => {
    airflow.logs.set('hello manual__1+00:00 boom 1', ['started', 'ValueError: no']);
    const outcome = await follow([
      { state: 'failed', tasks: [task('boom', 'failed'), task('after', 'upstream_failed')] },
    ]);
    expect(outcome.state).toBe('failed');
    expect(outcome.failures).toEqual([
      { task: 'boom', log: [expect.stringContaining('started'), expect.stringContaining('ValueError: no')] },
    ]);
  });

  test('hands on what its tasks write, each line once, and of each try', async () => {
    const log = (attempt: number) => `hello manual__1+00:00 say ${attempt}`;
    airflow.logs.set(log(1), ['first']);
    let looks = 0;
    const grow = [
      { state: 'running', tasks: [task('say', 'running')] },
      { state: 'running', tasks: [task('say', 'running')] },
      { state: 'running', tasks: [task('say', 'running', { try_number: 2 })] },
      { state: 'success', tasks: [task('say', 'success', { try_number: 2 })] },
    ];
    const run = await trigger('hello');
    airflow.onLook = (now) => {
      Object.assign(now, grow[Math.min(looks++, 3)]);
      // written between two looks; the end of the first try only when the second one has begun
      if (looks === 2) airflow.logs.set(log(1), ['first', 'second']);
      if (looks === 3) airflow.logs.set(log(1), ['first', 'second', 'it failed']);
      if (looks === 3) airflow.logs.set(log(2), ['again']);
      if (looks === 4) airflow.logs.set(log(2), ['again', 'done']);
    };
    await followRun(airflow.rest(), 'hello', run, { logs: true, report, signal: never(), pollMs: 10 });
    const lines = events.flatMap((event) => (event.type === 'log' ? [event.text.split(' - ').at(-1)] : []));
    expect(lines).toEqual(['first', 'second', 'it failed', 'again', 'done']);
  });

  test('reads of a log that grows what is new alone', async () => {
    const name = 'hello manual__1+00:00 say 1';
    const lines: string[] = [];
    airflow.logs.set(name, lines);
    const run = await trigger('hello');
    let looks = 0;
    airflow.onLook = (now) => {
      looks++;
      Object.assign(now, { state: 'running', tasks: [task('say', 'running')] });
      if (looks === 50) Object.assign(now, { state: 'success', tasks: [task('say', 'success')] });
      for (let i = 0; i < 10; i++) lines.push(`line ${lines.length}`);
    };
    await followRun(airflow.rest(), 'hello', run, { logs: true, report, signal: never(), pollMs: 1 });
    const said = events.flatMap((event) => (event.type === 'log' ? [event.text.split(' - ').at(-1)] : []));
    expect(said).toEqual(lines);
    // the end is read twice, for the last lines may come late; all else once
    const whole = major === 3 ? lines.length : lines.join('\n').length;
    expect(airflow.handedOut).toBeGreaterThanOrEqual(whole);
    expect(airflow.handedOut).toBeLessThanOrEqual(whole * 1.05);
  });

  test('hands on what comes after the end of a task', async () => {
    const name = 'hello manual__1+00:00 say 1';
    airflow.logs.set(name, ['first']);
    const run = await trigger('hello');
    let looks = 0;
    airflow.onLook = (now) => {
      looks++;
      const state = looks < 3 ? 'running' : 'success';
      Object.assign(now, { state, tasks: [task('say', looks === 1 ? 'running' : 'success')] });
      if (looks === 3) airflow.logs.set(name, ['first', 'last']);
    };
    await followRun(airflow.rest(), 'hello', run, { logs: true, report, signal: never(), pollMs: 1 });
    expect(events.flatMap((event) => (event.type === 'log' ? [event.text.split(' - ').at(-1)] : []))).toEqual(
      ['first', 'last'],
    );
  });

  test('goes on when nobody waits any more, and the waiting ends at once', async () => {
    const stop = new AbortController();
    const looks = [{ state: 'running', tasks: [task('say', 'running')] }];
    setTimeout(() => stop.abort(), 100);
    await expect(follow(looks, false, stop.signal)).rejects.toMatchObject({
      code: 'CANCELLED',
      exitCode: 130,
      message: 'no longer waiting: run manual__1+00:00 of hello goes on',
    });
  });
});

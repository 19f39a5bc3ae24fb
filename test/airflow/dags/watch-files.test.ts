import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { DagSource } from '../../../src/airflow/dags/source.js';
import { watchDags } from '../../../src/airflow/dags/watch-files.js';
import type { DagsSpec } from '../../../src/catalog/schema.js';
import type { Event } from '../../../src/output/events.js';
import { PlayAirflow } from '../api/play-airflow.js';

describe.each([2, 3])('a watch on the DAGs of Airflow %i', (major) => {
  let airflow: PlayAirflow;
  let project: string;
  let folder: string;
  let events: Event[];
  let runs: string[];
  let stop: AbortController;
  let watching: Promise<void>;

  beforeEach(async () => {
    airflow = await PlayAirflow.start(major);
    project = mkdtempSync(join(tmpdir(), 'gather-watch-'));
    folder = join(project, 'dags');
    mkdirSync(folder);
    airflow.addDag('hello');
    writeFileSync(join(folder, 'hello.py'), 'before');
    events = [];
    runs = [];
    stop = new AbortController();
    watching = Promise.resolve();
  });
  afterEach(async () => {
    stop.abort();
    await watching;
    await airflow.stop();
    rmSync(project, { recursive: true });
  });

  function watch(dag?: string, from: DagsSpec['from'] = 'folder'): void {
    const spec = { from, address: 'file:///repo', path: '/opt/airflow/dags', folder: 'dags' };
    const source = new DagSource(spec, project);
    watching = watchDags({
      rest: airflow.rest({ signal: stop.signal, nameOf: (path) => source.projectPath(path) }),
      source,
      dag,
      again: async (id) => void runs.push(id),
      look: async (file) => (file === 'typo.py' ? { line: 2, message: 'SyntaxError: bad' } : undefined),
      report: { event: (event) => void events.push(event), close: () => {} },
      signal: stop.signal,
      pollMs: 2,
    });
    watching.catch(() => {});
  }
  const until = (check: () => void) => vi.waitFor(check, { interval: 2, timeout: 5000 });
  /** Returns once Airflow was asked for the first time. */
  async function start(dag?: string, from?: DagsSpec['from']): Promise<void> {
    watch(dag, from);
    await until(() => expect(airflow.calls.some((call) => call.includes('importErrors'))).toBe(true));
  }
  const later = () => new Date(Date.now() + 1000).toISOString();
  const told = (event: Partial<Event>) =>
    until(() => expect(events).toContainEqual(expect.objectContaining(event)));

  test('tells of a file that cannot be imported, and of one that can again', async () => {
    await start();
    airflow.broken.set('/opt/airflow/dags/bad.py', 'Traceback\nImportError: no');
    await told({ type: 'dag-file', file: 'dags/bad.py', problem: 'ImportError: no' });
    airflow.broken.clear();
    await until(() => expect(events).toContainEqual({ type: 'dag-file', file: 'dags/bad.py' }));
    expect(events.filter((event) => event.type === 'dag-file')).toHaveLength(2);
  });

  test('says of a file that was just saved what is seen without Airflow', async () => {
    await start();
    writeFileSync(join(folder, 'typo.py'), 'def f(:');
    await told({ type: 'dag-file', file: 'dags/typo.py', line: 2, problem: 'SyntaxError: bad' });
  });

  test('runs the DAG once when its file was saved and read since, and not while it is broken', async () => {
    await start('hello');
    airflow.broken.set('/opt/airflow/dags/hello.py', 'SyntaxError: bad');
    writeFileSync(join(folder, 'hello.py'), 'after');
    await told({ type: 'note', text: 'dags/hello.py was saved' });
    await told({ type: 'dag-file', file: 'dags/hello.py', problem: 'SyntaxError: bad' });
    expect(runs).toEqual([]);
    airflow.broken.clear();
    airflow.addDag('hello', { code: 'after', last_parsed_time: '2026-01-01T00:00:05+00:00' });
    await until(() => expect(runs).toEqual(['hello']));
    // another file is none of its business
    writeFileSync(join(folder, 'other.py'), 'x');
    await told({ type: 'note', text: 'dags/other.py was saved' });
    expect(runs).toEqual(['hello']);
  });

  /** Returns when Airflow was asked twice more what it makes of the files: whatever is due has been run by then. */
  const twoLooks = async () => {
    const looks = () => airflow.calls.filter((call) => call.includes('importErrors')).length;
    const before = looks();
    await until(() => expect(looks()).toBeGreaterThan(before + 2));
  };

  test('does not take what Airflow read before for the saved state, whatever its clock says', async () => {
    await start('hello');
    // of a clock that is a year ahead
    airflow.addDag('hello', { code: 'before', last_parsed_time: '2099-01-01T00:00:00+00:00' });
    writeFileSync(join(folder, 'hello.py'), 'after');
    await told({ type: 'note', text: 'dags/hello.py was saved' });
    await twoLooks();
    expect(runs).toEqual([]);
    airflow.addDag('hello', { code: 'before', last_parsed_time: '2099-01-01T00:00:03+00:00' });
    await until(() => expect(runs).toEqual(['hello']));
    await twoLooks();
    expect(runs).toEqual(['hello']);
  });

  test('runs what Airflow has read before anybody could ask it', async () => {
    await start('hello');
    airflow.addDag('hello', { code: 'after\n' });
    writeFileSync(join(folder, 'hello.py'), 'after\r\n');
    await until(() => expect(runs).toEqual(['hello']));
    await twoLooks();
    expect(runs).toEqual(['hello']);
  });

  test.each([
    ['git', 'git add dags/hello.py && git commit'],
    ['bucket', 'gather dags push'],
  ] as const)(
    'with DAGs from %s, runs the DAG when another text has arrived, not when one was saved',
    async (from, next) => {
      airflow.addDag('hello', { code: 'before' });
      await start('hello', from);
      writeFileSync(join(folder, 'hello.py'), 'after');
      await told({ type: 'note', text: `dags/hello.py was saved; Airflow gets it by ${next}` });
      const looks = () => airflow.calls.filter((call) => call.includes('dagSources')).length;
      const readAgain = async (code: string) => {
        airflow.addDag('hello', { code, last_parsed_time: later() });
        const before = looks();
        await until(() => expect(looks()).toBeGreaterThan(before + 1));
      };
      await readAgain('before');
      expect(runs).toEqual([]);
      await readAgain('after');
      await readAgain('after');
      expect(runs).toEqual(['hello']);
    },
  );

  test.each([
    ['helo', 'DAG_NOT_FOUND'],
    ['daily', 'DAG_PAUSED'],
  ])('refuses %s, which nobody knows or which would not run', async (dag, code) => {
    airflow.addDag('daily', { is_paused: true, schedule: '@daily' });
    watch(dag);
    await expect(watching).rejects.toMatchObject({ code });
    watching = Promise.resolve();
  });

  test('outlives an Airflow that is not up to it, and ends when it is told to', async () => {
    await start();
    airflow.isStarting = true;
    await told({ type: 'warning' });
    airflow.isStarting = false;
    airflow.broken.set('/opt/airflow/dags/bad.py', 'ImportError: no');
    await told({ type: 'dag-file', file: 'dags/bad.py' });
    stop.abort();
    await expect(watching).resolves.toBeUndefined();
  });
});

import { describe, expect, test } from 'vitest';
import { logLines } from '../../../src/airflow/api/task-log.js';

describe('the log of Airflow 2, the repr of a Python list', () => {
  test('comes back as the lines that were written', () => {
    const content = String.raw`[('host', 'first\nit\'s a "quote" and a \\n\nsnow \u2603, \xe9, \U0001f600\n')]`;
    expect(logLines(content)).toEqual(['first', `it's a "quote" and a \\n`, 'snow ☃, é, 😀']);
  });

  test('is in double quotes where single ones are in it', () => {
    expect(logLines(`[('', "it's one"), ('trigger', 'another')]`)).toEqual(["it's one", 'another']);
  });

  test('may be as long as it likes', () => {
    const line = String.raw`it\'s line \\ after line\n`;
    const lines = logLines(`[('host', '${line.repeat(200_000)}')]`);
    expect(lines).toHaveLength(200_000);
    expect(lines[199_999]).toBe("it's line \\ after line");
  });

  test('is empty while nothing is there, and left alone in an unknown form', () => {
    expect(logLines('[]')).toEqual([]);
    expect(logLines(undefined)).toEqual([]);
    expect(logLines('no list at all')).toEqual(['no list at all']);
  });

  test('loses what is about the file, and nothing that a task said', () => {
    const log = [
      '*** Found local files:',
      '***   * /opt/airflow/logs/1.log',
      ' INFO - ::group::Log message source details',
      ' INFO - ::endgroup::',
      '[2026-01-01T00:00:00.000+0000] {logging_mixin.py:190} INFO - ::group::Pre task execution logs',
      '*** Could not read served logs: 403',
      '[2026-01-01T00:00:00.000+0000] {logging_mixin.py:190} INFO - a ::group:: of mine',
    ];
    expect(logLines(`[('h', '${log.join('\\n')}')]`)).toEqual(log.slice(5));
  });
});

describe('the log of Airflow 3, records', () => {
  test('has time and level where a record has them', () => {
    const content = [
      { event: '::group::Log message source details', sources: [] },
      { event: '/opt/airflow/logs/1.log' },
      { event: 'Could not read served logs' },
      { event: '::endgroup::' },
      { timestamp: '2026-01-01T00:00:00Z', event: 'two\nlines', level: 'warning', logger: 'task' },
      { event: 'bare' },
      'a text',
    ];
    const said = ['[2026-01-01T00:00:00Z] WARNING - two', 'lines', 'bare', 'a text'];
    expect(logLines(content)).toEqual(['Could not read served logs', ...said]);
  });

  test('shows an exception with its frames', () => {
    const frames = [{ filename: '/opt/airflow/dags/a.py', lineno: 9, name: 'boom' }];
    const error_detail = [{ exc_type: 'ValueError', exc_value: 'no\nmore', frames }];
    expect(logLines([{ event: 'Task failed', level: 'error', error_detail }])).toEqual([
      'ERROR - Task failed',
      '  File "/opt/airflow/dags/a.py", line 9, in boom',
      'ValueError: no',
      'more',
    ]);
  });
});

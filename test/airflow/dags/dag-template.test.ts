import { describe, expect, test } from 'vitest';
import { checkDagName, dagTemplate } from '../../../src/airflow/dags/dag-template.js';

test.each(['a', 'daily_sales', '_x9', 'Report'])('%s can be the name of a DAG', (name) => {
  expect(() => checkDagName(name)).not.toThrow();
});

test.each([
  ['daily-sales', 'daily_sales'],
  ['daily.sales.py', 'daily_sales'],
  ['9lives', 'dag_9lives'],
  ['class', 'my_dag'],
  ['', 'my_dag'],
  ['../../etc/passwd', 'etc_passwd'],
  ['x'.repeat(251), 'x'.repeat(250)],
])('%j is refused, with one that can be', (name, better) => {
  const error = expect.objectContaining({ code: 'USAGE', hints: [`gather dags new ${better}`] });
  expect(() => checkDagName(name)).toThrow(error);
  expect(() => checkDagName(better)).not.toThrow();
});

describe('a new DAG file', () => {
  test('takes TaskFlow from where its Airflow has it', () => {
    expect(dagTemplate('x', 'ada', 2)).toContain('from airflow.decorators import dag, task');
    expect(dagTemplate('x', 'ada', 3)).toContain('from airflow.sdk import dag, task');
  });

  test('quotes the owner', () => {
    expect(dagTemplate('x', 'a"b', 2)).toContain('"owner": "a\\"b"');
  });
});

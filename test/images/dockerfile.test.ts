import { describe, expect, test } from 'vitest';
import { readDockerfile } from '../../src/images/dockerfile.js';
import { fault } from '../catalog/play-catalog.js';

const read = (text: string) => readDockerfile(text, 'airflow-scheduler.Dockerfile', '2.11.2');

describe("the stack's Airflow stands in", () => {
  test.each([
    ['FROM airflow', []],
    ['FROM apache/airflow', ['apache/airflow']],
    ['FROM apache/airflow:latest', ['apache/airflow']],
    ['from --platform=linux/amd64 docker.io/apache/airflow:2.11.2 as base', ['apache/airflow:2.11.2']],
    [
      'ARG V=2.11.2\nARG P="3.12"\nFROM apache/airflow:slim-${V}-python$P',
      ['apache/airflow:slim-2.11.2-python3.12'],
    ],
    ['FROM python:3.12 AS wheels\nFROM apache/airflow:2.11.2', ['apache/airflow:2.11.2']],
    ['FROM my/apache/airflow:2.11.2', []],
  ])('%j', (text, names) => {
    expect(read(text).airflowNames).toEqual(['airflow', ...names]);
  });

  test('but not for another version', () => {
    const error = fault(() =>
      read('# ours\n\nFROM python:3.12 AS a\nFROM \\\n  apache/airflow:2.10.5-python3.12\n'),
    );
    expect(error).toMatchObject({
      code: 'IMAGE_FAILED',
      where: { file: 'airflow-scheduler.Dockerfile', line: 4 },
    });
    expect(error.message).toBe('this is Airflow 2.10.5, and the stack has 2.11.2');
  });
});

test('no registry is asked for a frontend, and the lines keep their numbers', () => {
  expect(read('# syntax=docker/dockerfile:1.7\nFROM airflow\n').text).toBe('#\nFROM airflow\n');
});

describe('what an image takes from the project', () => {
  test.each([
    ['COPY requirements.txt constraints.txt /', ['constraints.txt', 'requirements.txt']],
    ['COPY --chown=airflow:0 ./dags/ /opt/airflow/dags/', ['dags']],
    ['ADD ["my file", "/x"]', ['my file']],
    ['COPY a/b/*.py c?/d /x/', undefined],
    ['COPY a/b/*.py /x/', ['a/b']],
    ['COPY . /x', undefined],
    ['COPY $WHAT /x', undefined],
    ['COPY --from=wheels /wheels /wheels', []],
    ['ADD https://example.test/x /x', []],
    [
      'RUN --mount=type=bind,source=pip.conf,target=/x --mount=type=cache,target=/y pip install z',
      ['pip.conf'],
    ],
    ['RUN --mount=target=/x ls', undefined],
    ['COPY <<EOF /x\nCOPY secret /x\nEOF\nCOPY b /x', ['b']],
    ['COPY a \\\n# why\n  b /x', ['a', 'b']],
    ['RUN echo COPY nothing /x', []],
  ])('%j', (text, sources) => {
    expect(read(`FROM airflow\n${text}\n`).sources).toEqual(sources);
  });
});

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { Build } from '../../src/images/build-plan.js';
import { inSteps, type PresentImage } from '../../src/images/layers.js';

const FOLDER = fileURLToPath(new URL('../../compose/components/airflow/project-image', import.meta.url));

function build(requirements: string, base = 'airflow:1'): Build {
  return {
    tag: `project:${requirements.length}`,
    folder: FOLDER,
    folderDigest: 'f',
    files: { 'components.txt': 'fab\n', 'requirements.txt': requirements },
    args: { RELEASE_DATE: '2026-03-15' },
    bases: { 'airflow-base': base },
  };
}

const text = (content: string | Buffer | undefined) => String(content ?? '');

/** The texts that the steps of the Dockerfile install, in their order. */
function steps({ files }: Build): string[] {
  const named = [...text(files.Dockerfile).matchAll(/source=(requirements-\d+\.txt)/g)];
  return named.map(([, name = '']) => text(files[name]));
}

/** The image that a build made, with as many bytes in its last step as a package with many files has. */
function made({ labels = {} }: Build, lastLayer = 100_000_000) {
  return { labels, lastLayer };
}

describe('an image grows with requirements.txt', () => {
  const first = inSteps(build('a\n'));

  test('the first build has one step', () => {
    expect(existsSync(join(FOLDER, 'Dockerfile'))).toBe(true);
    expect(steps(first)).toEqual(['a\n']);
    expect(first.files.Dockerfile).not.toContain('source=requirements.txt');
  });

  test('a further line is a further step; the ones before are as they were', () => {
    const second = inSteps(build('a\nb\n'), made(first));
    expect(steps(second)).toEqual(['a\n', 'a\nb\n']);
    const third = inSteps(build('c\na # why\nb\n'), made(second));
    expect(steps(third)).toEqual(['a\n', 'a\nb\n', 'c\na # why\nb\n']);
    expect(text(third.files.Dockerfile).startsWith(text(second.files.Dockerfile))).toBe(true);
  });

  test('a step that brought little is done again with the next line', () => {
    const second = inSteps(build('a\nb\n'), made(first));
    expect(steps(inSteps(build('a\nb\nc\n'), made(second, 100_000)))).toEqual(['a\n', 'a\nb\nc\n']);
    expect(steps(inSteps(build('a\nb\n'), made(first, 0)))).toEqual(['a\nb\n']);
  });

  test('a line that is gone or changed begins again', () => {
    const present = made(inSteps(build('a==1\nb\n')));
    for (const text of ['b\n', 'a==2\nb\n', '']) expect(steps(inSteps(build(text), present))).toEqual([text]);
  });

  test('a line that is gone from a step that brought little leaves the others as they are', () => {
    const second = inSteps(build('a\nb\n'), made(first));
    expect(steps(inSteps(build('a\nc\n'), made(second, 100_000)))).toEqual(['a\n', 'a\nc\n']);
  });

  test('a login in an address gets into no label', () => {
    const { labels } = inSteps(build('a @ git+https://someone:word@git.example.test/a.git\n'), made(first));
    expect(labels).toEqual({});
  });

  test('another base begins again', () => {
    expect(steps(inSteps(build('a\nb\n', 'airflow:2'), made(first)))).toEqual(['a\nb\n']);
  });

  test('labels that say nonsense begin again', () => {
    const labels = { ...first.labels, 'gather.requirements': '{' };
    expect(steps(inSteps(build('a\nb\n'), made({ ...first, labels })))).toEqual(['a\nb\n']);
  });

  test('it never has more than twenty steps', () => {
    let present: PresentImage | undefined;
    let text = '';
    let most = 0;
    for (let i = 0; i < 45; i++) {
      text += `p${i}\n`;
      const next = inSteps(build(text), present);
      most = Math.max(most, steps(next).length);
      present = made(next);
    }
    expect(most).toBe(20);
  });
});

import { describe, expect, test } from 'vitest';
import { candidates, modeOf, presentChoice, usersImage } from '../../src/images/choose.js';
import { planImages } from '../../src/images/plan.js';
import { playInputs } from './play-images.js';

const inputs = () =>
  playInputs({
    images: [
      'DB_IMAGE: { registry: "db:14", build: db }',
      'BASE_IMAGE: { registry: "corp/base:1", build: low }',
      'TOP_IMAGE: { build: top, on: BASE_IMAGE }',
      'ONLY_IMAGE: { registry: "only:1" }',
    ].join('\n'),
    dockerfiles: { db: 'FROM base\n', low: 'FROM base\n', top: 'FROM base-image\n' },
  });
const plan = (variable: string) =>
  planImages(inputs()).find(({ spec }) => spec.variable === variable) ?? expect.fail(variable);
const choice = (env: Record<string, string> = {}, images: 'auto' | 'registry' | 'packages' = 'auto') => ({
  manifest: { images },
  current: (name: string) => env[name],
});
const shelf = (...images: string[]) => ({ has: (image: string) => images.includes(image) });

test('what nobody publishes is built, and what nobody builds is pulled', () => {
  expect(modeOf(plan('TOP_IMAGE'), { images: 'registry' })).toBe('packages');
  expect(modeOf(plan('ONLY_IMAGE'), { images: 'packages' })).toBe('registry');
  expect(modeOf(plan('DB_IMAGE'), { images: 'auto' })).toBe('auto');
});

describe('the names under which an image would do', () => {
  const built = () => plan('DB_IMAGE').build?.().tag ?? '';

  test('are the public one, then that of its build, as gather.yaml allows', () => {
    expect(candidates(plan('DB_IMAGE'), choice())).toEqual(['db:14', built()]);
    expect(candidates(plan('DB_IMAGE'), choice({}, 'registry'))).toEqual(['db:14']);
    expect(candidates(plan('DB_IMAGE'), choice({}, 'packages'))).toEqual([built()]);
  });

  test('are those of builds on each name of what it stands on', () => {
    const top = plan('TOP_IMAGE');
    const low = top.on?.build?.().tag;
    const tags = ['corp/base:1', low].map((below) => top.build?.(below).tag);
    expect(candidates(top, choice())).toEqual(tags);
    expect(candidates(top, choice({}, 'registry'))).toEqual([tags[0]]);
    expect(candidates(top, choice({ BASE_IMAGE: 'mine' }))).toEqual([top.build?.('mine').tag]);
  });

  test("is a person's own alone", () => {
    expect(candidates(plan('DB_IMAGE'), choice({ DB_IMAGE: 'mine:1' }))).toEqual(['mine:1']);
  });

  test('the one that runs now stays, also behind a better one', () => {
    const env = { DB_IMAGE: built() };
    expect(presentChoice(plan('DB_IMAGE'), choice(env), shelf('db:14', built()))).toBe(built());
    expect(presentChoice(plan('DB_IMAGE'), choice(), shelf('db:14', built()))).toBe('db:14');
    expect(presentChoice(plan('DB_IMAGE'), choice(env), shelf())).toBeUndefined();
  });
});

test.each([
  ['DB_IMAGE', undefined, undefined],
  ['DB_IMAGE', '', undefined],
  ['DB_IMAGE', 'db:14', undefined],
  ['DB_IMAGE', 'localhost/gather/db:1', undefined],
  ['DB_IMAGE', 'mirror.example/library/db:13', undefined],
  ['DB_IMAGE', 'db:13', 'db:13'],
  // what it stands on, alone, lacks what the project adds
  ['TOP_IMAGE', 'corp/base:1', undefined],
])("%s=%s: a person's own is %s", (variable, value, own) => {
  const env: Record<string, string | undefined> = { [variable]: value, GATHER_REGISTRY: 'mirror.example' };
  expect(usersImage(plan(variable), (name) => env[name])).toBe(own);
});

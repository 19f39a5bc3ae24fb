import { describe, expect, test } from 'vitest';
import { planImages, rootTag } from '../../src/images/plan.js';
import { PlayEngine } from './play-engine.js';
import { type PlayStack, playInputs } from './play-images.js';

/** A database from a registry or from packages, a store that nobody publishes, and a platform with a project's packages on it. */
const STACK: PlayStack = {
  images: [
    'DB_IMAGE: { registry: "db:14", build: db }',
    'STORE_IMAGE: { build: store }',
    'PLATFORM_BASE_IMAGE: { registry: "corp/platform:1", build: platform, args: { VERSION: 1 } }',
    'PLATFORM_IMAGE: { build: project, on: PLATFORM_BASE_IMAGE, files: { requirements.txt: ./requirements.txt } }',
  ].join('\n'),
  about: 'dockerfiles: { OWN_IMAGE: { file: own.Dockerfile, from: PLATFORM_IMAGE } }',
  dockerfiles: {
    db: 'FROM base\n',
    store: 'FROM base\n',
    platform: 'FROM base\n',
    project: 'FROM platform-base\nRUN --mount=type=bind,source=requirements.txt,target=/r install /r\n',
  },
  files: { 'requirements.txt': 'a\n' },
};
const stack = (settings = '', files: Record<string, string> = {}) =>
  playInputs({ ...STACK, settings, files: { ...STACK.files, ...files } });

async function ensured(engine: PlayEngine, inputs = stack(), options = {}): Promise<Record<string, string>> {
  return Object.fromEntries(await engine.ensure(inputs, options));
}

const PUBLIC = ['db:14', 'corp/platform:1'];

describe('where a registry answers', () => {
  test('what it has is pulled, the rest is built', async () => {
    const engine = new PlayEngine();
    engine.published = PUBLIC;
    const images = await ensured(engine);
    expect(images).toEqual({
      DB_IMAGE: 'db:14',
      STORE_IMAGE: expect.stringMatching(/^localhost\/gather\/store:[0-9a-f]{12}$/) as string,
      PLATFORM_IMAGE: expect.stringMatching(/^localhost\/gather\/platform:1-[0-9a-f]{12}$/) as string,
    });
    expect(engine.asked.sort()).toEqual(PUBLIC.toSorted());
    expect(engine.builtNames.sort()).toEqual(['platform', 'store']);
    expect(engine.built.find(({ tag }) => tag.includes('/platform:'))?.bases).toEqual({
      'platform-base': 'corp/platform:1',
    });
  });

  test('what is there is neither pulled nor built again', async () => {
    const engine = new PlayEngine();
    engine.published = PUBLIC;
    const images = await ensured(engine);
    engine.published = [];
    for (const [name, image] of Object.entries(images)) engine.env.set(name, image);
    const done = engine.asked.length + engine.built.length;
    expect(await ensured(engine)).toEqual(images);
    expect(engine.asked.length + engine.built.length).toBe(done);
  });

  test('images: packages asks none', async () => {
    const engine = new PlayEngine();
    engine.published = PUBLIC;
    const images = await ensured(engine, stack('images: packages\n'));
    expect(engine.asked).toEqual([]);
    expect(Object.values(images).every((image) => image.startsWith('localhost/gather/'))).toBe(true);
  });

  test('what runs from packages stays from packages', async () => {
    const engine = new PlayEngine();
    engine.published = PUBLIC;
    engine.env.set('DB_IMAGE', 'localhost/gather/db:of-an-older-gather');
    expect((await ensured(engine)).DB_IMAGE).toMatch(/^localhost\/gather\/db:[0-9a-f]{12}$/);
    expect(engine.asked).not.toContain('db:14');
  });
});

describe('where none answers', () => {
  test('all is built from packages, on a base that is made once', async () => {
    const engine = new PlayEngine();
    const inputs = stack();
    const images = await ensured(engine, inputs);
    expect(engine.builtNames.sort()).toEqual(['db', 'platform', 'platform-base', 'store']);
    expect(engine.imports).toBe(1);
    expect(Object.keys(images)).toEqual(['DB_IMAGE', 'STORE_IMAGE', 'PLATFORM_IMAGE']);
    const on = engine.built.filter(({ bases }) => bases.base === rootTag(inputs.catalog));
    expect(on).toHaveLength(3);
  });

  test('one that does not answer is not asked for the next image; one that merely lacks it is', async () => {
    const inputs = playInputs({
      images: 'A_IMAGE: { registry: "a:1", build: a, on: B_IMAGE }\nB_IMAGE: { registry: "b:1", build: b }',
      dockerfiles: { a: 'FROM b\n', b: 'FROM base\n' },
    });
    const lacking = new PlayEngine();
    await lacking.ensure(inputs);
    expect(lacking.asked).toEqual(['a:1', 'b:1']);
    const away = new PlayEngine();
    away.refusal = { problem: 'dial tcp: connection refused', unreachable: true };
    await away.ensure(inputs);
    expect(away.asked).toEqual(['a:1']);
  });

  test('images: registry is an error with the names and what the engine said', async () => {
    const engine = new PlayEngine();
    const inputs = stack('images: registry\nregistry: m.example\n');
    await expect(engine.ensure(inputs)).rejects.toMatchObject({
      code: 'IMAGE_FAILED',
      message: 'no registry gives out m.example/db:14 or m.example/library/db:14 (DB_IMAGE)',
      details: ['manifest unknown'],
      hints: [
        'images: packages in gather.yaml builds it from packages',
        'registry: host:port/path in gather.yaml names a mirror',
      ],
    });
  });

  test('an image that nobody can build is pulled or missed, whatever gather.yaml says', async () => {
    const inputs = playInputs({ images: 'A_IMAGE: { registry: "a:1" }', settings: 'images: packages\n' });
    const engine = new PlayEngine();
    await expect(engine.ensure(inputs)).rejects.toMatchObject({
      hints: ['registry: host:port/path in gather.yaml names a mirror'],
    });
    engine.published = ['a:1'];
    expect([...(await engine.ensure(inputs))]).toEqual([['A_IMAGE', 'a:1']]);
  });

  test('one that only a mirror has is missed without one', async () => {
    const inputs = playInputs({ images: 'A_IMAGE: { mirrored: "corp/a:1" }' });
    await expect(new PlayEngine().ensure(inputs)).rejects.toMatchObject({
      message: 'no registry gives out corp/a:1 (A_IMAGE)',
      details: ['only a mirror has it'],
    });
  });
});

describe("a person's own image", () => {
  test('is taken as it is, pulled when it is not there', async () => {
    const engine = new PlayEngine();
    engine.published = ['mine/db:9'];
    engine.env.set('DB_IMAGE', 'mine/db:9');
    engine.env.set('STORE_IMAGE', 'store-of-mine');
    engine.add('store-of-mine');
    expect(await ensured(engine)).toMatchObject({ DB_IMAGE: 'mine/db:9', STORE_IMAGE: 'store-of-mine' });
    expect(engine.asked).toContain('mine/db:9');
    expect(engine.builtNames).not.toContain('db');
  });

  test('may be what another stands on', async () => {
    const engine = new PlayEngine();
    engine.env.set('PLATFORM_BASE_IMAGE', 'mine/platform');
    engine.add('mine/platform');
    await engine.ensure(stack());
    expect(engine.built.find(({ tag }) => tag.includes('/platform:'))?.bases).toEqual({
      'platform-base': 'mine/platform',
    });
  });

  test('that nobody gives out is an error', async () => {
    const engine = new PlayEngine();
    engine.env.set('DB_IMAGE', 'mine/db:9');
    await expect(engine.ensure(stack())).rejects.toMatchObject({
      message: 'no registry gives out mine/db:9 (DB_IMAGE)',
    });
  });
});

describe("a project's Dockerfile", () => {
  test('is built on the image of the stack', async () => {
    const engine = new PlayEngine();
    const inputs = stack('', { 'own.Dockerfile': 'FROM airflow\n' });
    const images = await ensured(engine, inputs);
    expect(images.OWN_IMAGE).toMatch(/^localhost\/gather\/own:2\.11\.2-[0-9a-f]{12}$/);
    expect(engine.built.at(-1)?.bases).toEqual({ airflow: images.PLATFORM_IMAGE });
    await engine.ensure(inputs);
    expect(engine.builtNames.filter((name) => name === 'own')).toHaveLength(1);
  });

  test("gives way to a person's own image", async () => {
    const engine = new PlayEngine();
    engine.add('mine');
    engine.env.set('OWN_IMAGE', 'mine');
    expect((await ensured(engine)).OWN_IMAGE).toBe('mine');
  });
});

describe('many at once', () => {
  const many = (names: string[]) =>
    playInputs({
      images: names.map((name) => `${name.toUpperCase()}_IMAGE: { build: ${name} }`).join('\n'),
      dockerfiles: Object.fromEntries(names.map((name) => [name, 'FROM base\n'])),
    });
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l'];

  test.each([1, 2, 3])('no more builds run than %i', async (processors) => {
    const engine = new PlayEngine();
    engine.processors = processors;
    await engine.ensure(many(names));
    expect(engine.built).toHaveLength(names.length);
    expect(engine.most).toBe(processors);
  });

  test('the first failure stops the others, and is the one that is told', async () => {
    const engine = new PlayEngine();
    engine.broken = ['/a:'];
    await expect(engine.ensure(many(names))).rejects.toThrow('the image a cannot be built');
    expect(engine.built.length).toBeLessThan(names.length - 1);
  });

  test('Ctrl-C is CANCELLED', async () => {
    const engine = new PlayEngine();
    const stop = new AbortController();
    const work = engine.ensure(many(names), { signal: stop.signal });
    stop.abort();
    await expect(work).rejects.toMatchObject({ code: 'CANCELLED', exitCode: 130 });
    expect(engine.built).toEqual([]);
  });

  test('no others than those that are wanted', async () => {
    const engine = new PlayEngine();
    expect(Object.keys(await ensured(engine, stack(), { only: ['PLATFORM_IMAGE'] }))).toEqual([
      'PLATFORM_IMAGE',
    ]);
    expect(engine.builtNames).toEqual(['platform-base', 'platform']);
  });
});

test('one more package is one more step on the image that the project has now', async () => {
  const engine = new PlayEngine();
  const { PLATFORM_IMAGE = '' } = await ensured(engine);
  engine.env.set('PLATFORM_IMAGE', PLATFORM_IMAGE);
  await engine.ensure(stack('', { 'requirements.txt': 'a\nb\n' }));
  expect(Object.keys(engine.built.at(-1)?.files ?? {})).toEqual([
    'requirements-1.txt',
    'requirements-2.txt',
    'Dockerfile',
  ]);
});

describe('whether all images are ready', () => {
  test('they are under the names that .env has, and no longer when one is gone or asks for another build', async () => {
    const engine = new PlayEngine();
    engine.published = PUBLIC;
    const inputs = stack('', { 'own.Dockerfile': 'FROM airflow\n' });
    expect(await engine.ready(inputs)).toBe(false);
    for (const [name, image] of await engine.ensure(inputs)) engine.env.set(name, image);
    expect(await engine.ready(inputs)).toBe(true);
    // the public name needs no entry
    engine.env.delete('DB_IMAGE');
    expect(await engine.ready(inputs)).toBe(true);
    expect(await engine.ready(stack('', { 'requirements.txt': 'b\n' }))).toBe(false);
    expect(await engine.ready(stack('', { 'own.Dockerfile': 'FROM airflow\nUSER root\n' }))).toBe(false);
    engine.images.delete(engine.env.get('OWN_IMAGE') ?? '');
    expect(await engine.ready(inputs)).toBe(false);
  });

  test("a person's own counts as it is", async () => {
    const engine = new PlayEngine();
    engine.published = PUBLIC;
    for (const [name, image] of await engine.ensure(stack())) engine.env.set(name, image);
    engine.env.set('OWN_IMAGE', 'mine');
    expect(await engine.ready(stack())).toBe(false);
    engine.add('mine');
    expect(await engine.ready(stack())).toBe(true);
  });

  test('an image that nobody uses but another need not be there', async () => {
    const engine = new PlayEngine();
    engine.published = PUBLIC;
    for (const [name, image] of await engine.ensure(stack())) engine.env.set(name, image);
    engine.images.delete('corp/platform:1');
    expect(await engine.ready(stack())).toBe(true);
    expect(planImages(stack()).filter(({ isInner }) => isInner)).toHaveLength(1);
  });
});

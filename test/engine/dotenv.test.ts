import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { EnvFile, quoteEnvValue } from '../../src/project/dotenv.js';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'gather-dotenv-'));
afterAll(() => fs.rmSync(folder, { recursive: true }));
const fixtures = new URL('../fixtures/dotenv/', import.meta.url);
const fixture = (name: string) => fs.readFileSync(new URL(name, fixtures), 'utf8');
const CORPUS = ['people.env', 'windows.env', 'quotes.env', 'variables.env'];

/** What Compose itself reads for these names in an env file, or its error. */
function compose(
  text: string,
  names: string[],
): { values: Record<string, string | undefined>; error?: string } {
  fs.writeFileSync(path.join(folder, '.env'), text);
  const environment = Object.fromEntries(names.map((name) => [name, null]));
  const file = { name: 'x', services: { x: { image: 'x', environment } } };
  fs.writeFileSync(path.join(folder, 'compose.yaml'), JSON.stringify(file));
  // A variable of this process would win over the one in the file.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !text.includes(name)));
  const run = spawnSync('docker', ['compose', 'config', '--format', 'json'], {
    cwd: folder,
    env: { ...env, PATH: process.env.PATH },
    encoding: 'utf8',
  });
  if (run.status !== 0) return { values: {}, error: `${run.stderr}${run.error ?? ''}` };
  const read: Record<string, string | null> = JSON.parse(run.stdout).services.x.environment ?? {};
  // `config` prints a compose file again, so it doubles every dollar sign.
  const values = names.map((name) => [name, read[name]?.replaceAll('$$', '$')] as const);
  return { values: Object.fromEntries(values) };
}

function ours(file: EnvFile): Record<string, string | undefined> {
  return Object.fromEntries(file.names().map((name) => [name, file.get(name)]));
}

const character = fc.constantFrom(
  ...['\\', "'", '"', '$', '#', ' ', '\t', '%', '@', '/', '=', '!', '`', '{', '}', ':', '&', '|', '*'],
  ...['a', 'A', 'n', 'r', '0', '1', 'é', 'ß', '😀', '\u00a0', '\u3000', '\u2028', '\uFEFF', '\x7f', '\v'],
);
const value = fc
  .oneof(
    fc.string({ unit: character, maxLength: 16 }),
    fc.string({ unit: 'grapheme' }),
    fc.string({ unit: 'binary' }),
  )
  .filter((text) => !/[\n\r\0]|\p{Surrogate}/u.test(text));

describe('what quoteEnvValue writes', () => {
  const batch = fc.array(value, { minLength: 200, maxLength: 200 });

  test('Compose reads back, at a line end and before a comment', () => {
    fc.assert(
      fc.property(batch, (values) => {
        const wanted = Object.fromEntries(values.map((text, i) => [`GATHER_V${i}`, text]));
        const lines = Object.entries(wanted).map(([name, text], i) => {
          // Nothing and then a comment is the one case that needs EnvFile.set to choose quotes.
          return `${name}=${quoteEnvValue(text)}${i % 2 && text !== '' ? ' # comment' : ''}\n`;
        });
        const read = compose(lines.join(''), Object.keys(wanted));
        expect(read.error).toBeUndefined();
        expect(read.values).toEqual(wanted);
        expect(ours(EnvFile.parse(lines.join(''), '.env'))).toEqual(wanted);
      }),
      { numRuns: 10, endOnFailure: true },
    );
  });
});

describe('files by hand', () => {
  test.each(CORPUS)('%s reads as in Compose', (name) => {
    const file = EnvFile.parse(fixture(name), name);
    const read = compose(fixture(name), file.names());
    expect(read.error).toBeUndefined();
    expect(ours(file)).toEqual(read.values);
  });

  test.each(fs.readdirSync(new URL('refused/', fixtures)))('%s is refused by Compose too', (name) => {
    const text = fixture(`refused/${name}`);
    expect(compose(text, ['A']).error).toMatch(/\.env|setenv/);
    expect(() => EnvFile.parse(text, name)).toThrow();
  });
});

test('files read as in Compose after any edits', () => {
  const edit = fc.record({ pick: fc.nat(), value: fc.option(value, { nil: undefined }) });
  const edits = fc.array(edit, { minLength: 5, maxLength: 20 });
  fc.assert(
    fc.property(fc.constantFrom(...CORPUS), edits, (name, list) => {
      const file = EnvFile.parse(fixture(name), name);
      const wanted = new Map<string, string | undefined>();
      for (const [i, { pick, value: text }] of list.entries()) {
        const names = [...file.names(), `GATHER_NEW${i}`];
        const target = names[pick % names.length] ?? '';
        // Lines of variables.env require these two.
        if (target === 'A' || target === 'E') continue;
        if (text === undefined) file.delete(target);
        else file.set(target, text);
        wanted.set(target, text);
      }
      for (const [target, text] of wanted) expect(file.get(target)).toBe(text);
      const read = compose(file.toString(), file.names());
      expect(read.error).toBeUndefined();
      expect(ours(file)).toEqual(read.values);
    }),
    { numRuns: 20, endOnFailure: true },
  );
});

import fs from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GatherError } from '../../src/output/errors.js';
import { EnvFile, quoteEnvValue } from '../../src/project/dotenv.js';

const parse = (text: string) => EnvFile.parse(text, '.env');
const fixture = (name: string) => new URL(`../fixtures/dotenv/${name}`, import.meta.url);

function edited(text: string, edit: (file: EnvFile) => void): string {
  const file = parse(text);
  edit(file);
  return file.toString();
}

function fault(work: () => unknown): GatherError {
  try {
    work();
  } catch (error) {
    if (error instanceof GatherError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('reading', () => {
  test.each([
    ['A=b', 'b'],
    ['A = b  ', 'b'],
    ['export A=b', 'b'],
    ['A: b', 'b'],
    ['A=b # c', 'b'],
    ['A=b#c', 'b#c'],
    ['A= # c', '# c'],
    ['A=\r\n', ''],
    ['\uFEFFA=b\r\n', 'b'],
    ['A="b\nc"', 'b\nc'],
    ['A="b\\nc"', 'b\nc'],
    ["A='b\\nc'", 'b\\nc'],
    ["A='it\\'s'", "it's"],
    ['A="\\$B"', '$B'],
    ['A=1\nA=2', '2'],
    ['B=x\nA=$B${B}${C:-d}', 'xxd'],
    ["B=x\nA='$B'", '$B'],
    ['A\n', undefined],
    ['#A=1\n', undefined],
  ])('%j', (text, value) => {
    expect(parse(text).get('A')).toBe(value);
    expect(parse(text).toString()).toBe(text);
  });

  test('names come once, in file order, and lines are those that count', () => {
    const file = parse('# c\nB="1\n2"\nA=1 # a\nB=3\nC\n');
    expect(file.names()).toEqual(['B', 'A', 'C']);
    expect(['A', 'B', 'C', 'D'].map((name) => file.line(name))).toEqual([4, 5, 6, undefined]);
  });

  test('the shell wins inside of values and fills in names alone, as in Compose', () => {
    const file = EnvFile.parse('A=1\nB=$A\nC\n', '.env', (name) => ({ A: 'shell', C: 'c' })[name]);
    expect(['A', 'B', 'C'].map((name) => file.get(name))).toEqual(['1', 'shell', 'c']);
  });

  test.each(fs.readdirSync(fixture('refused')))('refuses %s without showing a value', (name) => {
    const error = fault(() => EnvFile.parse(fs.readFileSync(fixture(`refused/${name}`), 'utf8'), name));
    expect(error.code).toBe('ENV_INVALID');
    expect(error.where).toEqual({ file: name, line: expect.any(Number) });
    const shown = [error.message, ...error.details, ...error.hints].join('\n');
    expect(shown).not.toMatch(/never closed|it is needed|abc|P@SS/);
  });

  test('the line of an error is that of the statement', () => {
    expect(fault(() => parse('A="1\n2"\n\nB=${\n')).where).toEqual({ file: '.env', line: 4 });
  });
});

describe('quoting', () => {
  test.each([
    ['', ''],
    ['abc_1.2-3/x:y@z', 'abc_1.2-3/x:y@z'],
    ['a b', "'a b'"],
    ['$A"b"\\n`!`', '\'$A"b"\\n`!`\''],
    ['#', "'#'"],
    ["it's $5", '"it\'s \\$5"'],
    ['C:\\', '"C:\\\\"'],
    ['C:\\\\', "'C:\\\\'"],
    ['\\\'"', '"\\\\\'\\""'],
  ])('%j', (value, text) => expect(quoteEnvValue(value)).toBe(text));

  test.each(['a\nb', 'a\rb', 'a\0b', '\ud800'])('refuses %j', (value) => {
    expect(fault(() => quoteEnvValue(value)).code).toBe('VARIABLE_INVALID');
  });
});

describe('editing', () => {
  test.each([
    ['A=1 # c\nB=2\n', 'x', 'A=x # c\nB=2\n'],
    ['A=1 # c\n', '', "A='' # c\n"],
    ['A=1\t# c\n', 'x', 'A=x\n'],
    ['export A = "1"# c\r\n', 'x', "export A = 'x'# c\r\n"],
    ['A="1\n2" B=3\n', 'x', "A='x' B=3\n"],
    ['A= \r\n', 'x y', "A='x y' \r\n"],
    ['A: 1', 'x', 'A: x'],
    ['A=1\nA=2\n', 'x', 'A=1\nA=x\n'],
    ['A\nB=1\n', 'x', 'A=x\nB=1\n'],
    ['A=1\nA\n', 'x', 'A=x\nA\n'],
    ["A='1'  # same\n", '1', "A='1'  # same\n"],
  ])('set in %j', (text, value, after) => {
    expect(edited(text, (file) => file.set('A', value))).toBe(after);
    expect(parse(after).get('A')).toBe(value);
  });

  test('appends with the line ends of the file', () => {
    expect(edited('', (file) => file.set('A', '1'))).toBe('A=1\n');
    expect(edited('A=1', (file) => file.set('B', '2', { comment: ['two', 'lines'] }))).toBe(
      'A=1\n# two\n# lines\nB=2\n',
    );
    expect(edited('A=1\r\n', (file) => file.set('B', ''))).toBe('A=1\r\nB=\r\n');
    expect(edited('\uFEFF', (file) => file.set('B', '2'))).toBe('\uFEFFB=2\n');
  });

  test('makes a section once and fills it', () => {
    const text = edited('A=1\n', (file) => {
      file.set('P', '1', { section: 'Ports' });
      file.set('S', '2', { section: 'Secrets' });
      file.set('Q', '3', { section: 'Ports', comment: ['Of the web'] });
      file.set('Z', '4');
    });
    expect(text).toBe('A=1\n\n# --- Ports ---\nP=1\n# Of the web\nQ=3\n\n# --- Secrets ---\nS=2\nZ=4\n');
  });

  test('a header inside of a value is none', () => {
    const text = 'A="\n# --- Ports ---\n"\n';
    expect(edited(text, (file) => file.set('P', '1', { section: 'Ports' }))).toBe(
      `${text}\n# --- Ports ---\nP=1\n`,
    );
  });

  test.each([
    ['# a\nA=1 # c\nB=2\n', '# a\nB=2\n'],
    ['A=1\nB=2\nA="3\n4" # c\n', 'B=2\n'],
    ['A="1" B="2"\n', 'B="2"\n'],
    ['B="2" A="1" # c\n', 'B="2" # c\n'],
    ['B="2"A="1"C="3"\n', 'B="2"C="3"\n'],
    ['\uFEFFA=1\nB=2', '\uFEFFB=2'],
    ['B=2\nA=1', 'B=2\n'],
    ['A\r\nB=2\r\n', 'B=2\r\n'],
  ])('delete in %j', (text, after) => {
    expect(edited(text, (file) => expect(file.delete('A')).toBe(true))).toBe(after);
  });

  test('an edit that breaks another line is refused and leaves the file as it was', () => {
    const file = parse('A=1\nB=${A:?}\n');
    expect(fault(() => file.delete('A')).code).toBe('ENV_INVALID');
    expect(file.toString()).toBe('A=1\nB=${A:?}\n');
    expect(file.delete('C')).toBe(false);
    expect(fault(() => file.set('no name', '1')).code).toBe('VARIABLE_INVALID');
  });

  const corpus = ['people', 'windows', 'quotes', 'variables'].map((name) =>
    fs.readFileSync(fixture(`${name}.env`), 'utf8'),
  );
  const value = fc
    .oneof(
      fc.string({ unit: 'grapheme' }),
      fc.string({ unit: fc.constantFrom('\\', "'", '"', '$', '#', ' ', 'a', '{', '}', '\t', 'é') }),
    )
    .filter((text) => !/[\n\r\0]/.test(text));

  test('whatever is set is read back, and every other variable that refers to no other keeps its value', () => {
    fc.assert(
      fc.property(fc.constantFrom(...corpus), value, fc.nat(), (text, wanted, pick) => {
        const file = parse(text);
        const names = file.names();
        const name = names[pick % names.length] ?? '';
        const before = new Map(names.map((other) => [other, file.get(other)]));
        file.set(name, wanted);
        expect(file.get(name)).toBe(wanted);
        for (const other of text.includes('$A') ? [] : names) {
          if (other !== name) expect(file.get(other)).toBe(before.get(other));
        }
        const text2 = file.toString();
        file.set(name, wanted);
        expect(file.toString()).toBe(text2);
      }),
    );
  });

  test('a variable that is added and taken away leaves every byte as it was', () => {
    fc.assert(
      fc.property(fc.constantFrom(...corpus), value, (text, wanted) => {
        const whole = text.endsWith('\n') ? text : `${text}\n`;
        expect(
          edited(whole, (file) => {
            file.set('GATHER_NEW', wanted);
            expect(parse(file.toString()).get('GATHER_NEW')).toBe(wanted);
            file.delete('GATHER_NEW');
          }),
        ).toBe(whole);
      }),
    );
  });
});

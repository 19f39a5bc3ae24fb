import { GatherError } from '../output/errors.js';
import { interpolate, type Lookup } from './interpolate.js';

/** One statement of an env file. Offsets count UTF-16 units from the start of the text. */
export interface EnvEntry {
  name: string;
  /** What Compose reads; `undefined` for a name without a value that the shell does not set either. */
  value: string | undefined;
  /** True for a name alone on its line, which takes the shell's value. */
  inherited: boolean;
  /** Where the statement starts, `export` included. */
  start: number;
  /** The written value, quotes included; for an inherited name the place right after it. */
  valueStart: number;
  valueEnd: number;
  /** The line of the statement's start, from 1. */
  line: number;
}

// Go's unicode.IsSpace is Unicode's White_Space; beside a name and before a value compose-go takes fewer.
const SPACE = /\p{White_Space}/u;
const BLANK = /[\t\v\f\r \u0085\u00a0]/;
const TRAILING_SPACE = /\p{White_Space}+$/u;
const NAME_CHARACTER = /[\p{L}\p{N}_.[\]-]/u;
const ESCAPE = /\\(?:[abcfnrtv$"\\]|0\d{0,3})/g;
const ESCAPED: Record<string, string> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  // Interpolation comes after the escapes and turns this into one dollar sign.
  $: '$$',
};

/**
 * Reads an env file as Compose's parser does (compose-go dotenv/parser.go; the same from v2.0.2 to v2.16.2).
 *
 * @param shell what the process environment sets: it wins over earlier lines inside of values, and fills in names
 * that have no value.
 * @returns every statement in file order, duplicates included.
 * @throws GatherError `ENV_INVALID` on what Compose refuses. The message never holds a value.
 */
export function parseEnv(text: string, file: string, shell: Lookup): EnvEntry[] {
  const entries: EnvEntry[] = [];
  const known = new Map<string, string>();
  const lookup: Lookup = (name) => shell(name) ?? known.get(name);
  let at = text.startsWith('\uFEFF') ? 1 : 0;
  let line = 1;
  let counted = 0;
  for (let start = nextStatement(text, at); start !== undefined; start = nextStatement(text, at)) {
    line += newlines(text, counted, start);
    counted = start;
    const where = { file, line };
    const { name, nameEnd, after } = readName(text, start, where);
    at = after;
    if (text[after - 1] === '\n') {
      // `export` alone on a line comes here without a name, and Compose passes over it.
      if (name === '') continue;
      const value = shell(name);
      if (value !== undefined) known.set(name, value);
      entries.push({ name, value, inherited: true, start, valueStart: nameEnd, valueEnd: nameEnd, line });
      continue;
    }
    if (name === '') throw invalid(where, 'There is no name before the "=".');
    const read = readValue(text, after);
    if (read === undefined) throw invalid(where, `The value of ${name} starts with a quote that never ends.`);
    at = read.next;
    const value = expand(name, read, lookup, where);
    known.set(name, value);
    entries.push({ name, value, inherited: false, start, valueStart: read.start, valueEnd: read.end, line });
  }
  return entries;
}

type Where = { file: string; line: number };

function invalid(where: Where, message: string, ...hints: string[]): GatherError {
  return new GatherError('ENV_INVALID', message, { where, hints });
}

function newlines(text: string, from: number, to: number): number {
  let count = 0;
  for (let i = text.indexOf('\n', from); i >= 0 && i < to; i = text.indexOf('\n', i + 1)) count++;
  return count;
}

function nextStatement(text: string, from: number): number | undefined {
  let at = from;
  while (at < text.length) {
    if (SPACE.test(text.charAt(at))) at++;
    else if (text[at] !== '#') return at;
    else {
      at = text.indexOf('\n', at);
      if (at < 0) return undefined;
    }
  }
  return undefined;
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (at < text.length && BLANK.test(text.charAt(at))) at++;
  return at;
}

/** `after` is the place behind the character that ended the name: `=`, `:` (as in YAML) or a line end. */
function readName(
  text: string,
  start: number,
  where: Where,
): { name: string; nameEnd: number; after: number } {
  const exported = /^export[\t\n\f\r ]/.test(text.slice(start, start + 7));
  const from = exported ? skipBlanks(text, start + 6) : start;
  let at = from;
  while (at < text.length && !'=:\n'.includes(text.charAt(at))) {
    const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
    if (!BLANK.test(character) && !NAME_CHARACTER.test(character)) {
      throw invalid(
        where,
        'This line has a character in the name that Compose refuses.',
        'Write NAME=value with a name of letters, digits and "_"; quote a value of several lines.',
      );
    }
    at += character.length;
  }
  if (at >= text.length) {
    throw invalid(
      where,
      'The last line of the file has no "=".',
      'Write NAME=value, or NAME and a line end.',
    );
  }
  const name = text.slice(from, at).replace(TRAILING_SPACE, '');
  if (name.includes(' ')) {
    throw invalid(where, 'This line has a space inside of the name.', 'Write NAME=value.');
  }
  return { name, nameEnd: from + name.length, after: at + 1 };
}

interface WrittenValue {
  text: string;
  quote: '' | "'" | '"';
  start: number;
  end: number;
  /** Where the next statement may start: a quoted value does not end its line. */
  next: number;
}

function readValue(text: string, after: number): WrittenValue | undefined {
  const start = skipBlanks(text, after);
  const quote = text[start];
  if (quote === "'" || quote === '"') return readQuoted(text, start, quote);
  const newline = text.indexOf('\n', start);
  const lineEnd = newline < 0 ? text.length : newline;
  const line = text.slice(start, lineEnd);
  const comment = line.indexOf(' #');
  const value = (comment < 0 ? line : line.slice(0, comment)).replace(TRAILING_SPACE, '');
  const next = newline < 0 ? text.length : newline + 1;
  // An empty value stands right after the "=", before the spaces and the CR that were skipped.
  if (value === '') return { text: value, quote: '', start: after, end: after, next };
  return { text: value, quote: '', start, end: start + value.length, next };
}

/** Only a backslash before the quote is taken away here; a pair of backslashes stays a pair. */
function readQuoted(text: string, start: number, quote: "'" | '"'): WrittenValue | undefined {
  let value = '';
  for (let i = start + 1; i < text.length; i++) {
    if (text[i] === quote) return { text: value, quote, start, end: i + 1, next: i + 1 };
    if (text[i] === '\\' && i + 1 < text.length) {
      value += text[i + 1] === quote ? quote : `\\${text[i + 1]}`;
      i++;
    } else value += text[i];
  }
  return undefined;
}

function expand(name: string, { text, quote }: WrittenValue, lookup: Lookup, where: Where): string {
  let value = text;
  try {
    if (quote === '"') value = interpolate(text.replace(ESCAPE, unescapeOne), lookup);
    else if (quote === '') value = interpolate(text, lookup);
  } catch (error) {
    if (!(error instanceof GatherError)) throw error;
    const hint = `Write the value of ${name} in single quotes when its dollar signs are meant as they stand.`;
    throw invalid(where, `The value of ${name} cannot be read: ${error.message}`, hint);
  }
  if (value.includes('\0')) throw invalid(where, `The value of ${name} holds a NUL, which no variable can.`);
  return value;
}

function unescapeOne(match: string): string {
  const octal = /^\\0([0-3][0-7]{2})$/.exec(match)?.[1];
  if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
  // compose-go drops the 0 of an octal escape that it cannot read, and keeps `\c`.
  if (match.startsWith('\\0')) return `\\${match.slice(2)}`;
  return ESCAPED[match.slice(1)] ?? (match === '\\c' ? match : match.slice(1));
}

import { GatherError } from '../output/errors.js';
import { type EnvEntry, parseEnv } from './dotenv-parser.js';
import type { Lookup } from './interpolate.js';

const BARE = /^[A-Za-z0-9_.,:;@%+=/~^-]*$/;
const ODD_BACKSLASHES_AT_END = /(?<!\\)\\(?:\\\\)*$/;
const HEADER = /^# --- (.+) ---\s*$/;

/**
 * A value as text that every Compose from 2.26.1 on reads back exactly, whatever stands after it on the line.
 *
 * The plainest form that is safe: bare for letters, digits and `_.,:;@%+=/~^-`; single quotes, in which everything
 * stands for itself; double quotes with `\\`, `\"` and `\$` for a value with a single quote or with an odd number of
 * backslashes at its end, which single quotes cannot hold (`\'` is a quote to Compose).
 *
 * @throws GatherError `VARIABLE_INVALID` for a line end, a NUL, or half of a surrogate pair.
 */
export function quoteEnvValue(value: string): string {
  return BARE.test(value) ? value : quoted(value);
}

function quoted(value: string): string {
  if (/[\n\r\0]|\p{Surrogate}/u.test(value)) {
    throw new GatherError(
      'VARIABLE_INVALID',
      'The value holds a line end, a NUL or a broken character, which .env cannot keep on one line.',
      { hints: ['Put a value of several lines into a file and give the path of that file.'] },
    );
  }
  if (!value.includes("'") && !ODD_BACKSLASHES_AT_END.test(value)) return `'${value}'`;
  return `"${value.replace(/[\\"$]/g, '\\$&')}"`;
}

export interface SetOptions {
  /** Lines to write above a variable that is new, without `#`. */
  comment?: string[];
  /** A variable that is new goes to the end of the part under `# --- section ---`, which is made when missing. */
  section?: string;
}

/** The user's `.env`: read as Compose reads it, edited without losing a byte of what is not edited. */
export class EnvFile {
  #text: string;
  readonly #file: string;
  readonly #shell: Lookup;
  #entries: EnvEntry[];

  private constructor(text: string, file: string, shell: Lookup) {
    this.#text = text;
    this.#file = file;
    this.#shell = shell;
    this.#entries = parseEnv(text, file, shell);
  }

  /**
   * @param file the path to name in errors.
   * @param shell what the process environment sets; Compose prefers it in `$NAME` inside of values, and takes it for
   * a `NAME` without `=`. Left out, only the file counts.
   * @throws GatherError `ENV_INVALID` with file and line for what Compose refuses, never with a value.
   */
  static parse(text: string, file: string, shell: Lookup = () => undefined): EnvFile {
    return new EnvFile(text, file, shell);
  }

  /** The value that counts (the last one), or undefined when the file does not set it. */
  get(name: string): string | undefined {
    return this.#counting(name)?.value;
  }

  /** Every name in the order of its first line, names without a value included. */
  names(): string[] {
    return [...new Set(this.#entries.map((entry) => entry.name))];
  }

  /** The line, from 1, of the statement that counts. */
  line(name: string): number | undefined {
    return this.#counting(name)?.line;
  }

  /**
   * Gives a variable a value, in place when the file has the name. Nothing changes when it reads the same already.
   *
   * @throws GatherError `VARIABLE_INVALID` for a new name that is not one, or a value that .env cannot hold;
   * `ENV_INVALID` when another line would no longer be readable.
   */
  set(name: string, value: string, options: SetOptions = {}): void {
    const entry = this.#counting(name);
    if (entry === undefined) {
      this.#append(name, value, options);
    } else if (entry.inherited) {
      this.#splice(entry.valueStart, entry.valueEnd, `=${quoteEnvValue(value)}`);
    } else if (entry.value !== value) {
      const rest = this.#restOfLine(entry);
      // A bare value runs up to " #" or the line end, and an empty one would take a comment as its value.
      const bare = /^\p{White_Space}*$/u.test(rest) || (value !== '' && /^\p{White_Space}* #/u.test(rest));
      this.#splice(entry.valueStart, entry.valueEnd, bare ? quoteEnvValue(value) : quoted(value));
    }
  }

  /**
   * Takes away every statement of a name, with the comment behind it. Comments above it stay, but for `comment`: the lines that
   * `set` wrote there, as it was given them.
   *
   * @returns whether there was one.
   * @throws GatherError `ENV_INVALID` when another line requires the variable.
   */
  delete(name: string, comment: string[] = []): boolean {
    const found = this.#counting(name) !== undefined;
    for (let entry = this.#counting(name); entry !== undefined; entry = this.#counting(name)) {
      const [start, end] = this.#extent(entry);
      const above = comment.map((text) => `# ${text}`.trimEnd());
      const text = this.#text.slice(0, start).replaceAll('\r\n', '\n');
      const written = above.map((line) => `${line}\n`).join('');
      const isThere = written !== '' && (text === written || text.endsWith(`\n${written}`));
      const ends = this.#text.includes('\r\n') ? above.length : 0;
      this.#splice(isThere ? start - written.length - ends : start, end, '');
    }
    return found;
  }

  toString(): string {
    return this.#text;
  }

  #counting(name: string): EnvEntry | undefined {
    const all = this.#entries.filter((entry) => entry.name === name);
    return all.findLast((entry) => entry.value !== undefined) ?? all.at(-1);
  }

  #splice(start: number, end: number, replacement: string): void {
    const text = this.#text.slice(0, start) + replacement + this.#text.slice(end);
    this.#entries = parseEnv(text, this.#file, this.#shell);
    this.#text = text;
  }

  #restOfLine(entry: EnvEntry): string {
    const newline = this.#text.indexOf('\n', entry.valueEnd);
    return this.#text.slice(entry.valueEnd, newline < 0 ? undefined : newline);
  }

  /** The whole lines of a statement, or only the statement when others share them (`A="1" B="2"`). */
  #extent(entry: EnvEntry): [start: number, end: number] {
    const lineStart =
      this.#text.lastIndexOf('\n', entry.start - 1) + 1 || (this.#text.startsWith('\uFEFF') ? 1 : 0);
    const before = this.#text.slice(lineStart, entry.start).trimEnd();
    const rest = this.#restOfLine(entry);
    const alone = /^\p{White_Space}*(?:#|$)/u.test(rest);
    if (before !== '') return [lineStart + before.length, entry.valueEnd];
    if (alone) return [lineStart, Math.min(entry.valueEnd + rest.length + 1, this.#text.length)];
    return [entry.start, entry.valueEnd + rest.length - rest.trimStart().length];
  }

  #append(name: string, value: string, { comment = [], section }: SetOptions): void {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
      const hints = ['A name has letters, digits and "_", and does not start with a digit.'];
      throw new GatherError('VARIABLE_INVALID', `"${name}" cannot name a variable.`, { hints });
    }
    const lines = [...comment.flatMap((text) => text.split(/\r?\n/)).map((text) => `# ${text}`.trimEnd())];
    lines.push(`${name}=${quoteEnvValue(value)}`);
    let at = section === undefined ? this.#text.length : this.#sectionEnd(section);
    if (at === undefined) {
      at = this.#text.length;
      lines.unshift(...(this.#text.trim() === '' ? [] : ['']), `# --- ${section} ---`);
    }
    const eol = this.#text.includes('\r\n') ? '\r\n' : '\n';
    const open = at > 0 && !['\n', '\uFEFF'].includes(this.#text.charAt(at - 1));
    this.#splice(at, at, (open ? eol : '') + lines.map((line) => line + eol).join(''));
  }

  /** The place behind the last line of a section that is not blank, or undefined when there is no such section. */
  #sectionEnd(section: string): number | undefined {
    const headers: { title: string | undefined; start: number }[] = [];
    for (let start = 0; start < this.#text.length; start = this.#text.indexOf('\n', start) + 1 || Infinity) {
      const newline = this.#text.indexOf('\n', start);
      const title = HEADER.exec(this.#text.slice(start, newline < 0 ? undefined : newline))?.[1];
      const inValue = this.#entries.some((entry) => entry.start < start && start < entry.valueEnd);
      if (title !== undefined && !inValue) headers.push({ title, start });
    }
    const index = headers.findIndex(({ title }) => title === section);
    if (index < 0) return undefined;
    const body = this.#text.slice(0, headers[index + 1]?.start).trimEnd();
    return this.#text.indexOf('\n', body.length) + 1 || this.#text.length;
  }
}

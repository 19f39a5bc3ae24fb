import type { JsonValue } from '../model/fields.js';
import { GatherError } from '../output/errors.js';

/**
 * Reads JSON (https://www.rfc-editor.org/rfc/rfc8259) and says in which line it is none, which JSON.parse does not of a short text;
 * a name that comes twice in one object is an error, too.
 * @throws PROJECT_INVALID with file and line; no value is in it
 */
export function parseJson(text: string, file: string): JsonValue {
  return new Reader(text.replace(/^\uFEFF/, ''), file).read();
}

const WORDS: Record<string, JsonValue> = { true: true, false: false, null: null };

class Reader {
  private at = 0;

  constructor(
    private readonly text: string,
    private readonly file: string,
  ) {}

  read(): JsonValue {
    const value = this.value();
    if (this.next() !== '') throw this.wrong('there is more behind its end');
    return value;
  }

  /** The character that is next, behind what means nothing; empty at the end. */
  private next(): string {
    this.at += /^[ \t\n\r]*/.exec(this.text.slice(this.at))?.[0].length ?? 0;
    return this.text[this.at] ?? '';
  }

  private value(): JsonValue {
    const first = this.next();
    if (first === '{') return this.object();
    if (first === '[') return this.list();
    if (first === '"') return this.string();
    const [word = ''] = /^[^\s,:[\]{}"]*/.exec(this.text.slice(this.at)) ?? [];
    const value = Object.hasOwn(WORDS, word) ? WORDS[word] : numberOf(word);
    if (value === undefined) throw this.wrong('a value is missing, or is none of JSON');
    this.at += word.length;
    return value;
  }

  private object(): JsonValue {
    const entries = new Map<string, JsonValue>();
    this.items('}', () => {
      if (this.next() !== '"') throw this.wrong('a name in quotes is missing');
      const start = this.at;
      const name = this.string();
      if (entries.has(name)) throw this.wrong(`"${name}" stands here a second time`, start);
      if (this.next() !== ':') throw this.wrong(`a colon is missing behind "${name}"`);
      this.at++;
      entries.set(name, this.value());
    });
    return Object.fromEntries(entries);
  }

  private list(): JsonValue {
    const list: JsonValue[] = [];
    this.items(']', () => list.push(this.value()));
    return list;
  }

  /** What stands between brackets, with commas between. */
  private items(end: string, read: () => void): void {
    const start = this.at++;
    if (this.next() === end) {
      this.at++;
      return;
    }
    for (;;) {
      read();
      const next = this.next();
      if (next === '') throw this.wrong(`what begins here has no ${end}`, start);
      if (next !== ',' && next !== end) throw this.wrong(`a comma or ${end} is missing`);
      this.at++;
      if (next === end) return;
    }
  }

  private string(): string {
    const [whole] = /^"(?:[^"\\\n\r]|\\[^\n\r])*"/.exec(this.text.slice(this.at)) ?? [];
    if (whole === undefined) throw this.wrong('a text has no end');
    try {
      const value = JSON.parse(whole) as string;
      this.at += whole.length;
      return value;
    } catch {
      throw this.wrong('a text has a control character in it, or a \\ with what JSON does not know');
    }
  }

  private wrong(problem: string, at = this.at): GatherError {
    const line = this.text.slice(0, at).split('\n').length;
    return new GatherError('PROJECT_INVALID', problem, { where: { file: this.file, line } });
  }
}

function numberOf(word: string): number | undefined {
  return /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(word) ? Number(word) : undefined;
}

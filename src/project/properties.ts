import { GatherError } from '../output/errors.js';

const ESCAPED: Record<string, string> = { t: '\t', n: '\n', r: '\r', f: '\f' };

/**
 * Reads a file of properties as Java does, but for what Java takes without a word: a name without a value, and one that comes twice.
 * https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/util/Properties.html#load(java.io.Reader)
 * @throws PROJECT_INVALID with file and line; no value is in it
 */
export function parseProperties(text: string, file: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const [line, statement] of statements(text)) {
    const wrong = (problem: string) => new GatherError('PROJECT_INVALID', problem, { where: { file, line } });
    const [, name = '', value] = /^((?:\\.|[^\\=:\s])+)(?:\s*[=:]\s*|\s+)(.*)$/s.exec(statement) ?? [];
    if (value === undefined) throw wrong(`"${statement.split(/[=:\s]/)[0]}" has no value: NAME=VALUE`);
    if (/(?<!\\)(?:\\\\)*\\u(?![0-9a-fA-F]{4})/.test(statement))
      throw wrong('\\u needs four hexadecimal digits');
    const key = unescaped(name);
    if (found.has(key)) throw wrong(`${key} stands here a second time`);
    found.set(key, unescaped(value));
  }
  return found;
}

/** The number of its first line, and a statement, the lines of which end with a backslash but for the last. */
function* statements(text: string): Generator<[line: number, statement: string]> {
  const lines = text.split(/\r\n|\r|\n/);
  for (let i = 0; i < lines.length; i++) {
    const first = i;
    let statement = (lines[i] ?? '').trimStart();
    if (statement === '' || /^[#!]/.test(statement)) continue;
    while (/(?<!\\)(?:\\\\)*\\$/.test(statement) && i + 1 < lines.length)
      statement = statement.slice(0, -1) + (lines[++i] ?? '').trimStart();
    yield [first + 1, statement];
  }
}

function unescaped(text: string): string {
  return text.replace(/\\(u[0-9a-fA-F]{4}|[\s\S])/g, (_, what: string) =>
    what.length > 1 ? String.fromCharCode(Number.parseInt(what.slice(1), 16)) : (ESCAPED[what] ?? what),
  );
}

import { type JSONVisitor, printParseErrorCode, visit } from 'jsonc-parser';
import type { JsonValue } from '../model/fields.js';
import { GatherError } from '../output/errors.js';

/** What is wrong, in the words of a person, by jsonc-parser's code. */
const SAYS: Record<string, string> = {
  PropertyNameExpected: 'a name in quotes is missing',
  ValueExpected: 'a value is missing',
  InvalidSymbol: 'this value is none of JSON',
  InvalidNumberFormat: 'this number is none of JSON',
  UnexpectedEndOfNumber: 'this number is none of JSON',
  UnexpectedEndOfString: 'a text has no end',
  InvalidEscapeCharacter: 'a text has a \\ with what JSON does not know',
  InvalidUnicode: 'a text has a \\u without four digits',
  InvalidCharacter: 'a text has a control character in it',
  InvalidCommentToken: 'JSON has no comments',
  UnexpectedEndOfComment: 'JSON has no comments',
  EndOfFileExpected: 'there is more behind its end',
};

/**
 * Reads JSON (https://www.rfc-editor.org/rfc/rfc8259) and says in which line it is none, which JSON.parse does not of a short text;
 * a name that comes twice in one object is an error, too.
 * @throws PROJECT_INVALID with file and line; no value is in it
 */
export function parseJson(written: string, file: string): JsonValue {
  const text = written.replace(/^\uFEFF/, '');
  visit(text, refusing(file), { disallowComments: true });
  return JSON.parse(text) as JsonValue;
}

/** An object or a list whose end is still to come. */
interface Open {
  closer: '}' | ']';
  line: number;
  /** Those of an object so far. */
  names: Set<string>;
}

/** Throws at the first fault. */
function refusing(file: string): JSONVisitor {
  const open: Open[] = [];
  // one without an end is left before that is told
  let left: Open | undefined;
  let name = '';
  const wrong = (problem: string, line: number) =>
    new GatherError('PROJECT_INVALID', problem, { where: { file, line: line + 1 } });
  const begin = (closer: Open['closer'], line: number) => {
    open.push({ closer, line, names: new Set() });
  };
  const end = () => {
    left = open.pop();
  };
  return {
    onObjectBegin: (_offset, _length, line) => begin('}', line),
    onObjectEnd: end,
    onArrayBegin: (_offset, _length, line) => begin(']', line),
    onArrayEnd: end,
    onObjectProperty(property, _offset, _length, line) {
      const names = open.at(-1)?.names;
      if (names?.has(property)) throw wrong(`"${property}" stands here a second time`, line);
      names?.add(property);
      name = property;
    },
    onError(error, _offset, _length, line) {
      const code = printParseErrorCode(error);
      if (code === 'CloseBraceExpected' || code === 'CloseBracketExpected')
        throw wrong(`what begins here has no ${left?.closer}`, left?.line ?? line);
      if (code === 'CommaExpected') throw wrong(`a comma or ${open.at(-1)?.closer} is missing`, line);
      if (code === 'ColonExpected') throw wrong(`a colon is missing behind "${name}"`, line);
      throw wrong(SAYS[code] ?? 'this is no JSON', line);
    },
  };
}

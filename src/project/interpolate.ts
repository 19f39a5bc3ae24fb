import { GatherError, type Location } from '../output/errors.js';

/** What a variable is set to; `undefined` means unset, which is not the same as empty. */
export type Lookup = (name: string) => string | undefined;

// compose-go's template.DefaultPattern (v2.0.2 to v2.16.2). The default runs greedily to the last brace of the line:
// replaceOne finds the brace that really closes it and treats what follows as text of its own.
const PATTERN =
  /\$(?:(?<escaped>\$)|(?<named>[_a-z][_a-z0-9]*)|\{(?:(?<braced>[_a-z][_a-z0-9]*(?::?[-+?][^\n]*)?)\}|(?<invalid>)))/iu;

const OPERATORS = [':?', '?', ':-', '-', ':+', '+'] as const;
type Operator = (typeof OPERATORS)[number];

/**
 * Replaces the variables in a text the way Docker Compose does in compose files and in `.env`: `$VAR`, `${VAR}`,
 * `${VAR:-default}`, `${VAR-default}`, `${VAR:?reason}`, `${VAR?reason}`, `${VAR:+other}`, `${VAR+other}`, `$$`, and
 * variables inside of defaults. An unset variable is an empty text; a `$` before anything else stands for itself.
 *
 * A default that is not used is read all the same, as Compose 2.26.1 does; newer ones (compose-go 2.16) pass over it,
 * so what this accepts, all of them accept.
 *
 * No message of this holds a value or the text itself. Source: compose-go, template/template.go.
 *
 * @param where where the text stands; only an error wants to know.
 * @throws GatherError `COMPONENT_INVALID` for a `${` that cannot be read; `VARIABLE_INVALID` for a required variable
 * that is missing, with the reason as written in `details`.
 */
export function interpolate(text: string, lookup: Lookup, where?: () => Location): string {
  return text.replace(new RegExp(PATTERN, 'giu'), (match) => replaceOne(match, lookup, where));
}

/**
 * The names of all variables that a text refers to, each once, in the order in which they stand, those inside of
 * defaults included.
 *
 * @throws GatherError `COMPONENT_INVALID` for a `${` that cannot be read.
 */
export function variablesIn(text: string, where?: () => Location): string[] {
  const names = new Set<string>();
  const add = (name: string) => {
    names.add(name);
    return 'set';
  };
  interpolate(text, add, where);
  return [...names];
}

function replaceOne(match: string, lookup: Lookup, where: (() => Location) | undefined): string {
  const close = closingBrace(match);
  const own = close < 0 ? match : match.slice(0, close + 1);
  const groups = PATTERN.exec(own)?.groups ?? {};
  if (groups.escaped !== undefined) return '$';
  if (groups.named !== undefined) return lookup(groups.named) ?? '';
  if (groups.braced === undefined) {
    throw new GatherError(
      'COMPONENT_INVALID',
      'A "${" does not name a variable, or its "}" is missing on the same line.',
      {
        where: where?.(),
        hints: ['Write ${NAME}, ${NAME:-default} or ${NAME:?reason}; write $$ for a dollar sign.'],
      },
    );
  }
  const operator = firstOperator(groups.braced);
  if (operator === undefined) return lookup(groups.braced) ?? '';
  const rest = close < 0 ? '' : match.slice(close + 1);
  return applyOperator(groups.braced, operator, lookup, where) + interpolate(rest, lookup, where);
}

/** `braced` is what stands between the braces: the name, the operator, and the text it applies. */
function applyOperator(braced: string, operator: Operator, lookup: Lookup, where?: () => Location): string {
  const at = braced.indexOf(operator);
  const name = braced.slice(0, at);
  const written = braced.slice(at + operator.length);
  const value = lookup(name);
  const text = interpolate(written, lookup, where);
  const usable = value !== undefined && (value !== '' || !operator.startsWith(':'));
  if (operator.endsWith('-')) return usable ? value : text;
  if (operator.endsWith('+')) return usable ? text : (value ?? '');
  if (usable) return value;
  throw new GatherError('VARIABLE_INVALID', `The variable ${name} is required and not set.`, {
    where: where?.(),
    // As written: once its variables are filled in, a reason could hold a secret.
    details: written === '' ? [] : [written],
    hints: [`Set ${name} in .env.`],
  });
}

function firstOperator(braced: string): Operator | undefined {
  let first: Operator | undefined;
  for (const operator of OPERATORS) {
    const at = braced.indexOf(operator);
    if (at >= 0 && (first === undefined || at < braced.indexOf(first))) first = operator;
  }
  return first;
}

/** Where the brace is closed that was opened first, or -1; Compose does not look at the character after a `{`. */
function closingBrace(text: string): number {
  let open = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '}' && --open === 0) return i;
    if (text[i] === '{') {
      open++;
      i++;
    }
  }
  return -1;
}

import { GatherError } from '../../output/errors.js';

/** The object in `--conf`. Throws USAGE with the place at which it stops being JSON. */
export function readConf(text: string | undefined): Record<string, unknown> {
  if (text === undefined) return {};
  const hints = [`--conf '{"name": "Ada"}' (single quotes around, double quotes within)`];
  let conf: unknown;
  try {
    conf = JSON.parse(text);
  } catch {
    const at = faultIn(text);
    throw new GatherError('USAGE', `--conf is no JSON: ${at.problem}`, {
      details: [at.line, `${' '.repeat(at.column - 1)}^`],
      hints,
    });
  }
  if (conf !== null && typeof conf === 'object' && !Array.isArray(conf))
    return conf as Record<string, unknown>;
  throw new GatherError('USAGE', '--conf must be a JSON object', { hints });
}

interface Fault {
  problem: string;
  /** Counts from 1. */
  column: number;
  /** The line it is in. */
  line: string;
}

/** Node 20 names the place for some faults only: it is behind the longest beginning that more text could still make JSON of. */
function faultIn(text: string): Fault {
  // each beginning of one that could go on could, too: the longest one is found by halving
  let [end, beyond] = [0, text.length + 1];
  while (beyond - end > 1) {
    const middle = Math.floor((end + beyond) / 2);
    if (couldGoOn(text.slice(0, middle))) end = middle;
    else beyond = middle;
  }
  const before = text.slice(0, end).split('\n');
  const column = (before.at(-1)?.length ?? 0) + 1;
  const line = text.split('\n')[before.length - 1] ?? '';
  const what = end < text.length ? `unexpected ${JSON.stringify(text[end])}` : 'it ends too early';
  const row = before.length > 1 ? `line ${before.length}, ` : '';
  return { problem: `${what} at ${row}column ${column}`, column, line };
}

/** True for a beginning of JSON: nothing in it is wrong, it only ends too early. */
function couldGoOn(beginning: string): boolean {
  try {
    JSON.parse(beginning);
    return true;
  } catch (error) {
    const { message } = error as SyntaxError;
    const at = /at position (\d+)/.exec(message)?.[1];
    return /end of JSON input|Unterminated string/.test(message) || Number(at) === beginning.length;
  }
}

/** The lines of a task's log, as Airflow's REST API hands them out: a Python list in Airflow 2, structured records in Airflow 3. */
export function logLines(content: unknown): string[] {
  const lines = Array.isArray(content)
    ? content.flatMap((record) => recordLines(record))
    : pythonTexts(String(content ?? ''));
  return withoutSources(
    lines
      .flatMap((text) => text.split('\n'))
      .map((line) => line.trimEnd())
      .filter((line) => line !== ''),
  );
}

/** The text of a record of Airflow 3 (`StructuredLogMessage` in its file_task_handler.py): `event`, mostly `timestamp` and `level`, and what the logger added. */
function recordLines(record: unknown): string[] {
  if (typeof record === 'string') return [record];
  const { timestamp, event, level, error_detail } = record as Record<string, unknown>;
  const about = [timestamp && `[${String(timestamp)}]`, level && `${String(level).toUpperCase()} -`];
  const text = [...about.filter(Boolean), String(event ?? '')].join(' ');
  return [text, ...traceback(error_detail)];
}

interface Raised {
  exc_type?: string;
  exc_value?: string;
  frames?: { filename: string; lineno: number; name: string }[];
}

/** The exceptions of a record, as Python would have printed them. */
function traceback(detail: unknown): string[] {
  if (!Array.isArray(detail)) return [];
  return (detail as Raised[]).flatMap(({ exc_type, exc_value, frames = [] }) => [
    ...frames.map(({ filename, lineno, name }) => `  File "${filename}", line ${lineno}, in ${name}`),
    `${exc_type ?? 'Error'}: ${exc_value ?? ''}`,
  ]);
}

/** `::group::` and `::endgroup::`, by which Airflow's web page folds, behind what a logger writes before them. */
const MARK = /^(?:\[[^\]]*\])?(?: ?\{[^}]*\})? ?(?:\w+ - )?::(group|endgroup)::(.*)$/;

/**
 * Without where Airflow has read the log from, which changes while a task runs, and is nothing that the task said: a group of its
 * own, and lines with three stars before Airflow 2.11. A source that could not be read stays.
 */
function withoutSources(lines: string[]): string[] {
  let isSource = false;
  return lines.filter((line) => {
    const [, mark, title] = MARK.exec(line) ?? [];
    if (mark) isSource = mark === 'group' && title === 'Log message source details';
    return !mark && !/^\*\*\* (Found |\s*\* )/.test(line) && (!isSource || /could not|error/i.test(line));
  });
}

/** A text as Python's repr() has it, in either kind of quotes; written so that a log of many megabytes needs no backtracking. */
const QUOTED = String.raw`('[^'\\]*(?:\\.[^'\\]*)*'|"[^"\\]*(?:\\.[^"\\]*)*")`;
const PAIR = new RegExp(String.raw`\(${QUOTED}, ${QUOTED}\)`, 'gs');

/**
 * The logs in `[('host', 'log'), …]`: Airflow 2 puts the repr() of its list into the JSON (log_endpoint.py, `LogsSchema`).
 * A text that is not of this form is handed back as it is.
 */
function pythonTexts(text: string): string[] {
  const logs = [...text.matchAll(PAIR)].map(([, , log = '']) => unquoted(log));
  return logs.length || text === '[]' ? logs : [text];
}

const ESCAPED: Record<string, string> = { n: '\n', r: '\r', t: '\t' };
const ESCAPE = /\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8})|(.))/gs;

function unquoted(literal: string): string {
  return literal.slice(1, -1).replace(ESCAPE, (_, x?: string, u?: string, long?: string, one?: string) => {
    const code = x ?? u ?? long;
    return code ? String.fromCodePoint(Number.parseInt(code, 16)) : (ESCAPED[one ?? ''] ?? one ?? '');
  });
}

/** `1 DAG`, `2 DAGs`. */
export function count(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? '' : 's'}`;
}

/** The last `number` lines of a text that are not blank, without blanks at their ends. */
export function lastLines(text: string, number: number): string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trimEnd())
    .filter(Boolean)
    .slice(-number);
}

/**
 * Lines of a table, each column as wide as its widest cell, two blanks between them, none at the end. A cell that is missing is
 * empty; `indent` stands before every line; numbers stand at the right of their column.
 */
export function rows(
  table: readonly (readonly (string | number | bigint | undefined)[])[],
  indent = '',
): string[] {
  const widths: number[] = [];
  for (const row of table)
    row.forEach((cell, i) => {
      widths[i] = Math.max(widths[i] ?? 0, String(cell ?? '').length);
    });
  return table.map((row) => {
    const cells = widths.map((width, i) => {
      const cell = row[i] ?? '';
      return typeof cell === 'string' ? cell.padEnd(width) : String(cell).padStart(width);
    });
    return `${indent}${cells.join('  ').trimEnd()}`;
  });
}

/** A value of a row as one text, as people read it. */
export function cellText(value: unknown): string {
  if (value === null || value === undefined) return 'NULL';
  return (typeof value === 'object' ? JSON.stringify(value) : String(value)).replace(/[\r\n\t]+/g, ' ');
}

/** A line of CSV (RFC 4180). Nothing at all is NULL, an empty text has its quotes. */
export function csvLine(values: unknown[]): string {
  return values.map(csvCell).join(',');
}

function csvCell(value: unknown): string {
  if (value === null || value === undefined) return '';
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

// The table: goal, measured, met.
const HEAD = ['part', 'Airflow', 'figure', 'side', 'measured', 'ratio', 'goal', 'met'];

export function table(rows) {
  const lines = [HEAD, ...rows.map(cells)];
  const widths = HEAD.map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column]))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

const cells = (row) => [
  row.part,
  row.version ?? '',
  row.figure,
  row.side,
  measured(row),
  row.ratio === undefined ? '' : `${row.ratio.toFixed(2)}×`,
  row.goal ?? '',
  row.met === undefined ? '' : row.met ? 'yes' : 'NO',
];

/** A value with its unit: s, CPU s/min, or bytes shown as MiB. */
export function measured({ value, unit }) {
  if (unit === 'bytes') return `${Math.round(value / 2 ** 20)} MiB`;
  return `${value.toFixed(value < 10 ? 2 : 1)} ${unit}`;
}

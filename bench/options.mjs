// What was asked of the bench.
import { parseArgs } from 'node:util';

/** Reads the arguments; no part named means all of `known`. Throws for a part or a number that is none. */
export function parse(args, known) {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { runs: { type: 'string' }, airflow: { type: 'string' }, json: { type: 'string' } },
  });
  const strange = positionals.find((part) => !known.includes(part));
  if (strange) throw new Error(`no part ${strange}; there are ${known.join(', ')}`);
  const runs = Number(values.runs ?? 3);
  if (!Number.isInteger(runs) || runs < 1) throw new Error(`--runs ${values.runs} is no count`);
  return {
    parts: positionals.length > 0 ? positionals : known,
    runs,
    airflow: (values.airflow ?? '2.11.2,3.3.2').split(','),
    json: values.json,
  };
}

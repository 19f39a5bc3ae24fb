import { Option } from 'commander';
import { serviceOf } from '../catalog/blueprint.js';
import { rows as tableRows } from '../output/columns.js';
import { GatherError } from '../output/errors.js';
import type { Result } from '../output/output.js';
import { count } from '../output/text.js';
import { assertOwnAnswers, openProject, requireStack } from '../stack/open.js';
import { cellText, csvLine } from '../stack/sql/cells.js';
import { sqlServerOf } from '../stack/sql/server.js';
import { type Column, type Page, run as runStatement } from '../stack/sql/statement.js';
import { type CommandModule, type Context, examples, type Options } from './command.js';
import { passThrough, ttyOptions } from './pass-through.js';

export const { configure, run }: CommandModule = {
  configure(command) {
    command
      .argument('[sql...]', 'a statement; without one, the command line of Trino is opened')
      .addOption(new Option('--format <format>', 'how rows are printed').choices(['text', 'csv']));
    examples(command, {
      'gather trino': "Trino's own command line",
      "gather trino -- 'SELECT * FROM tpch.tiny.nation'": 'the rows of a query',
      "gather trino --format csv -- 'SELECT * FROM tpch.tiny.nation' > nation.csv": 'the same as CSV',
      'gather trino < lake.sql': 'the statements of a file, one after the other',
    });
  },

  run: (context, words, options) =>
    words.length ? query(context, words.join(' '), options) : openCli(context, options),
};

async function openCli(context: Context, { format }: Options): Promise<Result> {
  if (format) throw new GatherError('USAGE', '--format is for the rows of a statement: gather trino -- SQL');
  const open = openProject(context.folder, context.home);
  const { command } = sqlServerOf(open);
  const stack = await requireStack(open, context.signal);
  const service = serviceOf(open.blueprint, 'sql');
  return passThrough(context, stack, ['exec', ...ttyOptions(context), service, ...command]);
}

async function query(context: Context, sql: string, { format }: Options): Promise<Result> {
  const open = openProject(context.folder, context.home);
  const server = sqlServerOf(open);
  const { signal } = context;
  await assertOwnAnswers(open, signal);
  const pages = runStatement(server, sql.replace(/;\s*$/, ''), signal);
  return format === 'csv' && context.output.format === 'text' ? csv(context, pages) : table(pages);
}

/** As they come: there may be more of them than fit into memory. */
async function csv({ output }: Context, pages: AsyncIterable<Page>): Promise<Result> {
  const line = (values: unknown[]) => output.event({ type: 'log', source: '', text: csvLine(values) });
  let isBegun = false;
  for await (const { columns, rows } of pages) {
    if (columns && !isBegun) line(columns.map(({ name }) => name));
    isBegun ||= columns !== undefined;
    for (const row of rows) line(row);
  }
  return {};
}

/** Numbers stand at the right, wide ones as well. */
function cell(value: unknown, type = ''): string | number | bigint {
  if (typeof value === 'number') return value;
  return type === 'bigint' && typeof value === 'string' ? BigInt(value) : cellText(value);
}

async function table(pages: AsyncIterable<Page>): Promise<Result> {
  let columns: Column[] = [];
  let done: Pick<Page, 'update' | 'updated'> = { update: undefined, updated: undefined };
  const rows: unknown[][] = [];
  for await (const page of pages) {
    columns = page.columns ?? columns;
    done = page;
    rows.push(...page.rows);
  }
  const { update, updated } = done;
  if (update !== undefined)
    return {
      data: { update, ...(updated === undefined ? {} : { updated }) },
      text: updated === undefined ? update : `${update}: ${count(updated, 'row')}`,
    };
  const cells = rows.map((row) => row.map((value, i) => cell(value, columns[i]?.type)));
  return {
    data: { columns, rows },
    text: tableRows([columns.map(({ name }) => name), ...cells]).join('\n'),
  };
}

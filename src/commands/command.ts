import type { Command } from 'commander';
import { rows } from '../output/columns.js';
import type { Output, Result } from '../output/output.js';
import type { WriterOptions } from '../project/transaction.js';

/** What every command is handed beside its own arguments. */
export interface Context {
  /** Where to look for the project. */
  folder: string;
  output: Output;
  /** True when questions are to be answered with yes. */
  yes: boolean;
  /** True when a person can be asked: stdin and stdout are terminals, and the output is text. */
  interactive: boolean;
  /** Aborted when the person presses Ctrl-C. */
  signal: AbortSignal;
  /** gather's own folder, with `compose/`, `dags/` and package.json. */
  home: string;
  /** Every command that there is, by its name. */
  commands: CommandTable;
}

export type Options = Record<string, string | string[] | boolean | undefined>;

/** One command: how its line looks, and what it does. */
export interface CommandModule {
  configure(command: Command): void;
  run(context: Context, args: string[], options: Options): Promise<Result>;
}

/** A command that is nothing but its subcommands, such as `gather dags`. */
export interface CommandGroup {
  /** Its examples: each of its subcommands has arguments and options of its own. */
  configure(command: Command): void;
  commands: CommandTable;
  /** The subcommand that is meant when none is named. */
  byDefault?: string | undefined;
}

/** One line for the help of what it belongs to, and the rest, which is loaded only when it is called. */
export interface CommandEntry {
  summary: string;
  /** Other words that people try, for the same. */
  aliases?: string[];
  load(): Promise<CommandModule | CommandGroup> | CommandModule | CommandGroup;
}

export type CommandTable = Record<string, CommandEntry>;

const EXAMPLES = new WeakMap<Command, Record<string, string>>();

/** Lines of `gather …` with what they do, shown at the end of `--help`. */
export function examples(command: Command, lines: Record<string, string>): void {
  EXAMPLES.set(command, lines);
  command.addHelpText('after', `\nExamples:\n${rows(Object.entries(lines), '  ').join('\n')}`);
}

/** What `examples` was told of this command. */
export function examplesOf(command: Command): Record<string, string> {
  return EXAMPLES.get(command) ?? {};
}

/** For an option that may be given several times. */
export function collect(value: string, before: string[] = []): string[] {
  return [...before, value];
}

/** Who waits for another gather that writes the project says so, and ends with Ctrl-C. */
export function writing({ output, signal }: Context): WriterOptions {
  return { report: output, signal };
}

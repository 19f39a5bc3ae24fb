import { Command, Option } from 'commander';
import { nearest } from '../output/nearest.js';
import { OUTPUT_FORMATS } from '../output/output.js';
import type { CommandEntry, CommandModule, CommandTable, Options } from './command.js';

/** What a called command is handed on to: its module, its arguments, and its options with those before its name. */
export type Runner = (module: CommandModule, args: string[], options: Options) => Promise<void>;

/**
 * Makes a subcommand of each entry. Its module is loaded when it is called, and no other one: the help of the parent needs only
 * the summaries.
 */
export function addCommands(parent: Command, table: CommandTable, run: Runner, byDefault?: string): void {
  for (const [name, { summary, aliases = [] }] of Object.entries(table))
    parent
      .command(name, { isDefault: name === byDefault })
      .description(summary)
      .aliases(aliases);
  parent.hook('preSubcommand', async (_, called) => {
    if (byDefault) refuseUnknown(parent);
    await complete(called, table[called.name()], run);
  });
}

/** `gather help dags trigger` is `gather dags trigger --help`, which loads what it has to tell; `gather version` is `--version`. */
export function asOptions(argv: string[]): string[] {
  const [first, ...words] = argv;
  if (first === 'version' && words.length === 0) return ['--version'];
  return first === 'help' ? [...words.filter((word) => !word.startsWith('-')), '--help'] : argv;
}

/** The tree with everything in it, to be read and not to be run: for completion and for the documents. */
export async function wholeTree(table: CommandTable): Promise<Command> {
  const root = addCommonOptions(new Command('gather').enablePositionalOptions());
  const fill = async (parent: Command, entries: CommandTable): Promise<void> => {
    for (const command of parent.commands) {
      const inner = await complete(command, entries[command.name()], async () => {});
      if (inner) await fill(command, inner);
    }
  };
  addCommands(root, table, async () => {});
  await fill(root, table);
  return root;
}

/** `gather -C there dags --output json list -y`: where a common option stands makes no difference. */
export function addCommonOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--output <format>', 'text for people (the default), json for programs').choices(
        OUTPUT_FORMATS,
      ),
    )
    .option('-C, --project <folder>', 'the project, when it is not this folder or one above it')
    .option('-y, --yes', 'answer every question with yes');
}

/** Loads what the command is; returns its subcommands where it has some. */
async function complete(
  command: Command,
  entry: CommandEntry | undefined,
  run: Runner,
): Promise<CommandTable | undefined> {
  if (!entry) return undefined;
  const module = await entry.load();
  command.showHelpAfterError(`(${wordsOf(command)} --help shows what there is)`);
  module.configure(command);
  addCommonOptions(command);
  if ('commands' in module) {
    addCommands(command.helpCommand(false), module.commands, run, module.byDefault);
    return module.commands;
  }
  command.action(() => run(module, command.args, optionsOf(command)));
  return undefined;
}

/**
 * A word that names no subcommand is a slip, not an argument of the one that is meant when none is named.
 * @param instead words of other tools → what does the same here
 */
export function refuseUnknown(group: Command, instead: Record<string, string> = {}): void {
  const [word] = group.args;
  const names = group.commands.map((one) => one.name());
  if (word === undefined || word.startsWith('-') || names.includes(word)) return;
  const here = Object.hasOwn(instead, word) ? instead[word] : undefined;
  const begun = names.filter((name) => name.startsWith(word));
  const near = begun.length === 1 ? begun[0] : nearest(word, names);
  const hint = here ? `\n(here it is ${here})` : near ? `\n(Did you mean ${near}?)` : '';
  group.error(`error: unknown command '${word}'${hint}`);
}

/** What was said last, at the innermost command, counts. */
function optionsOf(command: Command): Options {
  return { ...(command.parent && optionsOf(command.parent)), ...command.opts<Options>() };
}

/** `gather dags trigger`: how the command is called. */
export function wordsOf(command: Command): string {
  return command.parent ? `${wordsOf(command.parent)} ${command.name()}` : command.name();
}

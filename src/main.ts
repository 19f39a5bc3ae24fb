#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, CommanderError } from 'commander';
import type { CommandModule, Context, Options } from './commands/command.js';
import { COMMANDS } from './commands/table.js';
import { addCommands, addCommonOptions, withHelpLast } from './commands/tree.js';
import { normalizeError, Output, type OutputFormat } from './output/output.js';

const home = join(dirname(fileURLToPath(import.meta.url)), '..');

/** argv → command → exit code. Only the command that is called is loaded. */
async function main(argv: string[]): Promise<number> {
  const program = new Command('gather')
    .description('A local twin of your Airflow platform, on a real Docker Engine.')
    .version(versionOf(home), '-V, --version', 'the version of gather')
    .helpOption('-h, --help', 'help for a command')
    .enablePositionalOptions()
    .exitOverride()
    .showHelpAfterError('(gather --help shows what there is)');
  program.addHelpText('after', '\nStart here:\n  gather init --yes && gather up --yes');

  let exitCode = 0;
  addCommonOptions(program);
  addCommands(program, COMMANDS, async (module, args, options) => {
    exitCode = await run(module, args, options);
  });
  if (argv.length === 0) {
    program.outputHelp();
    return 0;
  }
  try {
    await program.parseAsync(withHelpLast(argv), { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    throw error;
  }
  return exitCode;
}

async function run(module: CommandModule, args: string[], options: Options): Promise<number> {
  const output = new Output((options.output as OutputFormat | undefined) ?? 'text');
  const heed = interruption();
  const context: Context = {
    folder: String(options.project ?? process.cwd()),
    output,
    yes: options.yes === true,
    interactive:
      Boolean(process.stdin.isTTY && process.stdout.isTTY) &&
      options.output !== 'json' &&
      options.yes !== true,
    get signal() {
      return heed();
    },
    home,
    commands: COMMANDS,
  };
  try {
    const result = await module.run(context, args, options);
    output.result(result);
    return result.exitCode ?? 0;
  } catch (thrown) {
    const error = normalizeError(thrown);
    output.error(error);
    return error.exitCode;
  }
}

/**
 * The way of a signal: a command that asked for it is told to end, and ends by itself; any other one ends at once, as does
 * one that is told twice. Files are written in one go between two turns of the event loop: none is cut in half.
 */
function interruption(): () => AbortSignal {
  const controller = new AbortController();
  let isHeeded = false;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () =>
      isHeeded && !controller.signal.aborted ? controller.abort() : process.exit(130),
    );
  return () => {
    isHeeded = true;
    return controller.signal;
  };
}

function versionOf(folder: string): string {
  return (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }).version;
}

// what waits for something that can no longer come has nothing left to do, and Node calls that a success
const silent = (code: number): void => {
  if (code !== 0) return;
  process.stderr.write('gather ended without an answer: this is a fault of gather, please report it\n');
  process.exitCode = 70;
};
process.on('exit', silent);
const end = (code: number): never => {
  process.off('exit', silent);
  return process.exit(code);
};

// a reader that goes away (`gather logs | head`) is no error
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') end(0);
});
process.stderr.on('error', () => {});

main(process.argv.slice(2)).then(
  // a pipe takes 64 kB at a time: the rest is not lost
  (code) => process.stdout.write('', () => end(code)),
  (error) => {
    process.stderr.write(`${String(error)}\n`);
    end(1);
  },
);

#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, CommanderError } from 'commander';
import type { CommandModule, Context, Options } from './commands/command.js';
import { COMMANDS, ELSEWHERE } from './commands/table.js';
import { addCommands, addCommonOptions, asOptions, refuseUnknown } from './commands/tree.js';
import { GatherError } from './output/errors.js';
import { Interruption, SIGNALS } from './output/interruption.js';
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
  program.on('command:*', () => refuseUnknown(program, ELSEWHERE));
  addCommands(program, COMMANDS, async (module, args, options) => {
    exitCode = await run(module, args, options);
  });
  if (argv.length === 0) {
    program.outputHelp();
    return 0;
  }
  try {
    await program.parseAsync(asOptions(argv), { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return 0;
    // commander has told a person
    if (wantsJson(argv))
      new Output('json').error(new GatherError('USAGE', error.message.replace(/^error: /, '')));
    return 2;
  }
  return exitCode;
}

async function run(module: CommandModule, args: string[], options: Options): Promise<number> {
  const output = new Output((options.output as OutputFormat | undefined) ?? 'text');
  const interruption = new Interruption((code, error) => {
    // a person knows what they pressed
    if (!error || output.format === 'text') return end(code);
    output.error(error);
    process.stdout.write('', () => end(code));
  });
  for (const name of SIGNALS) process.on(name, () => interruption.receive(name));
  const context: Context = {
    folder: String(options.project ?? process.cwd()),
    output,
    yes: options.yes === true,
    interactive:
      Boolean(process.stdin.isTTY && process.stdout.isTTY) &&
      options.output !== 'json' &&
      options.yes !== true,
    get signal() {
      return interruption.signal;
    },
    home,
    commands: COMMANDS,
  };
  try {
    const result = await module.run(context, args, options);
    output.result(result);
    return interruption.exitCode(result.exitCode ?? 0);
  } catch (thrown) {
    const error = normalizeError(thrown);
    output.error(error);
    return interruption.exitCode(error.exitCode);
  }
}

/** A line that commander does not understand has no options yet. */
function wantsJson(argv: string[]): boolean {
  const at = argv.indexOf('--output');
  return argv.includes('--output=json') || (at >= 0 && argv[at + 1] === 'json');
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
  (thrown) => {
    new Output(wantsJson(process.argv) ? 'json' : 'text').error(normalizeError(thrown));
    process.stdout.write('', () => end(1));
  },
);

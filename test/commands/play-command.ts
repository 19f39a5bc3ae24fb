import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { COMMANDS } from '../../src/commands/table.js';
import { normalizeError, Output } from '../../src/output/output.js';

/** The clone that is under test. */
export const HOME = fileURLToPath(new URL('../..', import.meta.url));

/** What became of a command: the code of its error, its message and the exit code; `ok` where there was none. */
export interface Outcome {
  code: string;
  exitCode: number;
  message: string;
}

/** Runs a command in this process, as main.ts does; `signal` is its Ctrl-C. */
export async function play(line: string, folder: string, signal: AbortSignal): Promise<Outcome> {
  const [name = '', ...words] = line.split(' ');
  const module = await COMMANDS[name]?.load();
  if (!module) throw new Error(`there is no command ${name}`);
  const command = new Command(name).enablePositionalOptions().exitOverride();
  module.configure(command);
  command.option('-y, --yes').parse(words, { from: 'user' });
  const output = new Output('json');
  const context = {
    folder,
    output,
    yes: command.opts().yes === true,
    interactive: false,
    signal,
    home: HOME,
    commands: COMMANDS,
  };
  try {
    const { exitCode = 0 } = await module.run(context, command.args, command.opts());
    return { code: 'ok', exitCode, message: '' };
  } catch (thrown) {
    const { code, exitCode, message } = normalizeError(thrown);
    return { code, exitCode, message };
  }
}

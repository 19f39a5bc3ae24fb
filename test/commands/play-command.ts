import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { COMMANDS } from '../../src/commands/table.js';
import { addCommands, addCommonOptions } from '../../src/commands/tree.js';
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
  const program = addCommonOptions(new Command('gather').enablePositionalOptions().exitOverride());
  const output = new Output('json');
  let exitCode = 0;
  addCommands(program, COMMANDS, async (module, args, options) => {
    const yes = options.yes === true;
    const context = { folder, output, yes, interactive: false, signal, home: HOME, commands: COMMANDS };
    exitCode = (await module.run(context, args, options)).exitCode ?? 0;
  });
  try {
    await program.parseAsync(line.split(' '), { from: 'user' });
    return { code: 'ok', exitCode, message: '' };
  } catch (thrown) {
    const { code, exitCode, message } = normalizeError(thrown);
    return { code, exitCode, message };
  }
}

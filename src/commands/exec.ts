import { GatherError } from '../output/errors.js';
import { knownServices } from '../stack/observe/service-names.js';
import { openProject, requireStack } from '../stack/open.js';
import { type CommandModule, examples } from './command.js';
import { passThrough, ttyOptions } from './pass-through.js';

export const { configure, run }: CommandModule = {
  configure(command) {
    command.argument('<service>').argument('<command...>').passThroughOptions();
    examples(command, {
      'gather exec airflow-worker bash': 'a shell in the first worker',
      'gather exec postgres -- psql -U developer gather_db': 'options behind -- belong to the command',
    });
  },

  async run(context, args) {
    const open = openProject(context.folder, context.home);
    const [service = '', ...rest] = args;
    // behind the service's name commander leaves the -- in its place
    const command = rest[0] === '--' ? rest.slice(1) : rest;
    await knownServices(open, [service], () => requireStack(open, context.signal));
    if (command.length === 0) throw new GatherError('USAGE', 'which command is to run in it?');
    const stack = await requireStack(open, context.signal);
    return passThrough(context, stack, ['exec', ...ttyOptions(context), service, ...command]);
  },
};

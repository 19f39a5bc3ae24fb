import { composeInherit, composeLines } from '../engine/compose.js';
import { knownServices } from '../stack/observe/service-names.js';
import { openProject, requireStack } from '../stack/open.js';
import { type CommandModule, examples } from './command.js';

export const { configure, run }: CommandModule = {
  configure(command) {
    command
      .argument('[services...]', 'all of them, when none is named')
      .option('-f, --follow', 'go on as new lines come')
      .option('-n, --tail <lines>', 'how many of the last lines', '200')
      .option('--since <time>', 'from a time, or a span such as 10m');
    examples(command, {
      'gather logs airflow-scheduler': 'its last 200 lines',
      'gather logs -f airflow-worker': 'all workers, as it happens',
    });
  },

  async run(context, args, options) {
    const open = openProject(context.folder, context.home);
    const services = knownServices(open, args);
    const stack = await requireStack(open, context.signal);
    const flags = [
      '--tail',
      String(options.tail),
      ...(options.follow ? ['--follow'] : []),
      ...(options.since ? ['--since', String(options.since)] : []),
    ];
    const run = process.stdout.isTTY ? composeInherit : composeLines;
    return { exitCode: await run(stack, ['logs', ...flags, ...services]) };
  },
};

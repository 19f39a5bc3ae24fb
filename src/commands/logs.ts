import { composeInherit, composeLines, stackName } from '../engine/compose.js';
import type { Event } from '../output/events.js';
import { assertThere } from '../stack/observe/assert-there.js';
import { containersOf } from '../stack/observe/containers.js';
import { knownServices } from '../stack/observe/service-names.js';
import { openProject, requireStack } from '../stack/open.js';
import { type CommandModule, examples } from './command.js';
import { passThrough } from './pass-through.js';

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
    const services = await knownServices(open, args, () => requireStack(open, context.signal));
    const stack = await requireStack(open, context.signal);
    assertThere(await containersOf(stack), stackName(open.project), services);
    const flags = [
      '--tail',
      String(options.tail),
      ...(options.follow ? ['--follow'] : []),
      ...(options.since ? ['--since', String(options.since)] : []),
    ];
    const run = process.stdout.isTTY ? composeInherit : composeLines;
    return passThrough(context, stack, ['logs', ...flags, ...services], { read: readLine, run });
  },
};

/** `airflow-worker-1  | text`, as Compose has it; the container's name ends with a number. */
function readLine(line: string): Event {
  const [, source = '', text = line] = /^(\S+-\d+) +\| ?(.*)$/s.exec(line) ?? [];
  return { type: 'log', source, text };
}

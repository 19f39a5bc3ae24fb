import { composeInherit } from '../engine/compose.js';
import { GatherError } from '../output/errors.js';
import { knownServices } from '../stack/observe/service-names.js';
import { openProject, requireStack } from '../stack/open.js';
import { type CommandModule, examples } from './command.js';

export const { configure, run }: CommandModule = {
  configure(command) {
    command.argument('[services...]', 'all that run, when none is named');
    examples(command, {
      'gather restart airflow-scheduler': 'after a change that Airflow reads only at its start',
    });
  },

  async run(context, args) {
    const open = openProject(context.folder, context.home);
    const services = knownServices(open, args);
    const code = await composeInherit(await requireStack(open, context.signal, []), ['restart', ...services]);
    if (code !== 0)
      throw new GatherError('COMMAND_FAILED', 'docker compose restart failed', { hints: ['gather status'] });
    return { data: { services }, text: 'restarted; gather status says when it is usable again' };
  },
};

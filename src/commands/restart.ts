import { composeProgress, stackName } from '../engine/compose.js';
import { GatherError } from '../output/errors.js';
import { assertRuns } from '../stack/observe/assert-there.js';
import { containersOf } from '../stack/observe/containers.js';
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
    const services = await knownServices(open, args, () => requireStack(open, context.signal));
    const stack = await requireStack(open, context.signal);
    assertRuns(await containersOf(stack), stackName(open.project), services);
    const code = await composeProgress(stack, ['restart', ...services]);
    if (code !== 0)
      throw new GatherError('COMMAND_FAILED', 'docker compose restart failed', { hints: ['gather status'] });
    return { data: { services }, text: 'restarted; gather status says when it is usable again' };
  },
};

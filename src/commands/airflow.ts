import { serviceOf } from '../catalog/blueprint.js';
import { connect } from '../engine/api.js';
import { stackName } from '../engine/compose.js';
import { listContainers } from '../stack/observe/containers.js';
import { foldedWanted } from '../stack/observe/wanted.js';
import { openProject, requireStack } from '../stack/open.js';
import { type CommandModule, examples } from './command.js';
import { passThrough, ttyOptions } from './pass-through.js';

export const { configure, run }: CommandModule = {
  configure(command) {
    command
      .argument('<command...>', "any of Airflow's own commands")
      .passThroughOptions()
      .allowUnknownOption();
    examples(command, {
      'gather airflow info': 'versions, paths and providers',
      'gather airflow -- dags list': 'options behind -- belong to Airflow',
    });
  },

  async run(context, args) {
    const open = openProject(context.folder, context.home);
    const stack = await requireStack(open, context.signal);
    const containers = await listContainers(
      await connect(stack.engine, stack.signal),
      stackName(open.project),
      foldedWanted(open),
    );
    const scheduler = serviceOf(open.blueprint, 'scheduler');
    const runs = containers.some(
      (one) =>
        one.service === scheduler && ['healthy', 'running', 'starting', 'unhealthy'].includes(one.state),
    );
    const tty = ttyOptions(context);
    const line = runs
      ? ['exec', ...tty, scheduler, 'airflow', ...args]
      : ['run', '--rm', ...tty, serviceOf(open.blueprint, 'cli'), 'airflow', ...args];
    return passThrough(context, stack, line);
  },
};

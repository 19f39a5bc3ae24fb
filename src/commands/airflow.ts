import { connect } from '../engine/api.js';
import { composeInherit, stackName } from '../engine/compose.js';
import { listContainers } from '../stack/observe/containers.js';
import { shapeOf } from '../stack/observe/shape.js';
import { openProject, requireStack } from '../stack/open.js';
import { type CommandModule, examples } from './command.js';

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
      shapeOf(open.blueprint),
    );
    const runs = containers.some(
      (one) =>
        one.service === 'airflow-scheduler' &&
        ['healthy', 'running', 'starting', 'unhealthy'].includes(one.state),
    );
    const tty = process.stdin.isTTY && process.stdout.isTTY ? [] : ['-T'];
    const line = runs
      ? ['exec', ...tty, 'airflow-scheduler', 'airflow', ...args]
      : ['run', '--rm', ...tty, 'airflow-cli', 'airflow', ...args];
    return { exitCode: await composeInherit(stack, line) };
  },
};

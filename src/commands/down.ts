import { connect } from '../engine/api.js';
import { composeInherit, stackName } from '../engine/compose.js';
import { GatherError } from '../output/errors.js';
import { assertOwnStack } from '../stack/identity.js';
import { volumesOf } from '../stack/observe/volumes.js';
import { openProject, requireStack } from '../stack/open.js';
import { assertYes } from './assert-yes.js';
import { type CommandModule, examples } from './command.js';

export const { configure, run }: CommandModule = {
  configure(command) {
    command.option('--volumes', 'also delete the data: the database, everything');
    examples(command, {
      'gather down': 'stops the stack; the next up finds its data',
      'gather down --volumes': 'deletes the data, too, after a question',
    });
  },

  async run(context, _args, options) {
    const open = openProject(context.folder, context.home);
    const name = stackName(open.project);
    if (options.volumes)
      await assertYes(
        context,
        `Delete the database and all other data of ${name}?`,
        `the data of ${name} was not deleted, and nothing was stopped`,
        { hints: ['gather down --volumes --yes'] },
      );
    const stack = await requireStack(open, context.signal);
    const docker = await connect(stack.engine, stack.signal);
    await assertOwnStack(docker, open.project);
    const code = await composeInherit(stack, [
      'down',
      '--remove-orphans',
      ...(options.volumes ? ['--volumes'] : []),
    ]);
    if (code !== 0)
      throw new GatherError('COMMAND_FAILED', 'docker compose down failed', { hints: ['gather status'] });
    if (options.volumes)
      for (const volume of await volumesOf(docker, name)) await docker.removeVolume(volume);
    return {
      data: { stack: name, volumes: options.volumes === true },
      text: options.volumes ? `${name} is down and its data is gone` : `${name} is down; its data stays`,
    };
  },
};

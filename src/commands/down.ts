import { connect } from '../engine/api.js';
import { composeProgress, type Stack, stackName } from '../engine/compose.js';
import { GatherError } from '../output/errors.js';
import { PROJECT_ID } from '../project/project.js';
import { assertOwnData, assertOwnStack } from '../stack/identity.js';
import { missingValues } from '../stack/missing-variables.js';
import { containersOf } from '../stack/observe/containers.js';
import { doomedVolumes, volumesOf } from '../stack/observe/volumes.js';
import { type OpenProject, openProject, requireEngine } from '../stack/open.js';
import { assertNothingThere } from '../stack/owner/nothing-lost.js';
import { ALL_PROFILES } from '../stack/profiles.js';
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
    // (without a .env it has no name)
    const name = stackName(open.project) || 'the stack';
    const stack: Stack = {
      engine: await requireEngine(context.signal),
      project: open.project,
      profiles: ALL_PROFILES,
      signal: context.signal,
    };
    const docker = await connect(stack.engine, context.signal);
    if (!open.project.hasEnv) await assertNothingThere(docker, open.project.folder);
    if (!options.volumes) {
      await assertOwnStack(docker, open.project);
      const ran = await takeDown(open, stack);
      return {
        data: { stack: name, volumes: false },
        text: ran ? `${name} is down; its data stays` : `${name} does not run`,
      };
    }
    await assertOwnData(docker, open.project);
    const { own, foreign } = await doomedVolumes(docker, stack, name, open.project.env.get(PROJECT_ID));
    await assertYes(
      context,
      `Delete the database and all other data of ${name} (${own.join(', ') || 'no volume is there'})?`,
      `the data of ${name} was not deleted, and nothing was stopped`,
      { details: own, hints: ['gather down --volumes --yes'] },
    );
    // Compose takes those of the present compose.yaml, and the nameless ones of its containers
    await takeDown(open, stack, '--volumes');
    const left = new Set(await volumesOf(docker, name));
    for (const volume of own.filter((one) => left.has(one))) await docker.removeVolume(volume);
    const kept = foreign.length ? `; kept, for gather did not make it: ${foreign.join(', ')}` : '';
    return {
      data: { stack: name, volumes: true, deleted: own, kept: foreign },
      text: `${name} is down and its data is gone${own.length ? `: ${own.join(', ')}` : ''}${kept}`,
    };
  },
};

/** False where nothing of the stack is there, and Compose could not read compose.yaml: one that was never booted has no images yet. */
async function takeDown(open: OpenProject, stack: Stack, ...flags: string[]): Promise<boolean> {
  if (missingValues(open).length > 0 && (await containersOf(stack)).length === 0) return false;
  if ((await composeProgress(stack, ['down', '--remove-orphans', ...flags])) !== 0)
    throw new GatherError('COMMAND_FAILED', 'docker compose down failed', { hints: ['gather status'] });
  return true;
}

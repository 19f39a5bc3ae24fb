import { GatherError } from '../output/errors.js';
import type { Result } from '../output/output.js';
import { buildImages, listImages, pruneImages } from '../stack/images.js';
import { openProject, requireEngine, requireStack } from '../stack/open.js';
import { type CommandModule, examples } from './command.js';

export const { configure, run }: CommandModule = {
  configure(command) {
    command.argument('[action]', 'list, build or prune', 'list');
    examples(command, {
      'gather images': 'the images of this stack, and whether the engine has them',
      'gather images build': 'pulls or builds what is missing, without starting anything',
      'gather images prune': 'deletes images that gather built and that no container and no .env here uses',
    });
  },

  async run(context, [action = 'list']): Promise<Result> {
    const open = openProject(context.folder, context.home);
    const engine = await requireEngine(context.signal);
    switch (action) {
      case 'list': {
        const rows = await listImages(open, engine, context.signal);
        return {
          data: rows,
          text: rows
            .map((row) => `${row.present ? 'present' : 'missing'}  ${row.variable}  ${row.image}`)
            .join('\n'),
        };
      }
      case 'build': {
        const images = Object.fromEntries(await buildImages(open, engine, context.output, context.signal));
        return {
          data: images,
          text: Object.entries(images)
            .map(([name, image]) => `${name}  ${image}`)
            .join('\n'),
        };
      }
      case 'prune': {
        await requireStack(open, context.signal);
        const removed = await pruneImages(open, engine, context.signal);
        return {
          data: { removed },
          text: removed.length ? `removed: ${removed.join(', ')}` : 'nothing to remove',
        };
      }
      default:
        throw new GatherError('USAGE', `gather images ${action}: must be list, build or prune`);
    }
  },
};

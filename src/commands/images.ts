import { rows } from '../output/columns.js';
import { buildImages, listImages, pruneImages } from '../stack/images.js';
import { openProject, requireEngine, requireStack } from '../stack/open.js';
import { type CommandGroup, type CommandModule, examples } from './command.js';

export const { configure, commands, byDefault }: CommandGroup = {
  configure(command) {
    examples(command, { 'gather images': 'the same as gather images list' });
  },
  byDefault: 'list',
  commands: {
    list: { summary: 'the images of this stack, and whether the engine has them', load: () => list },
    build: { summary: 'pull or build what is missing, without starting anything', load: () => build },
    prune: { summary: 'delete images that gather built and that nothing uses', load: () => prune },
  },
};

const list: CommandModule = {
  configure(command) {
    examples(command, { 'gather images list': 'present or missing, the variable that names it, the image' });
  },

  async run(context) {
    const images = await listImages(
      openProject(context.folder, context.home),
      await requireEngine(context.signal),
      context.signal,
    );
    const text = rows(images.map((one) => [one.present ? 'present' : 'missing', one.variable, one.image]));
    return { data: images, text: text.join('\n') };
  },
};

const build: CommandModule = {
  configure(command) {
    examples(command, { 'gather images build': 'gather up then starts at once' });
  },

  async run(context) {
    const open = openProject(context.folder, context.home);
    const images = await buildImages(
      open,
      await requireEngine(context.signal),
      context.output,
      context.signal,
    );
    return { data: Object.fromEntries(images), text: rows([...images]).join('\n') };
  },
};

const prune: CommandModule = {
  configure(command) {
    examples(command, { 'gather images prune': 'what a container, or a .env that it knows of, uses stays' });
  },

  async run(context) {
    const open = openProject(context.folder, context.home);
    const { engine } = await requireStack(open, context.signal);
    const removed = await pruneImages(open, engine, context.signal);
    return {
      data: { removed },
      text: removed.length ? `removed: ${removed.join(', ')}` : 'nothing to remove',
    };
  },
};

import { join } from 'node:path';
import { Catalog } from '../catalog/catalog.js';
import { findProject } from '../project/project.js';
import { type CommandModule, examples } from './command.js';

export const { configure, run }: CommandModule = {
  configure(command) {
    examples(command, { 'gather topologies': 'the set-ups a stack can mirror, and their components' });
  },

  async run(context) {
    const catalog = Catalog.of(join(context.home, 'compose'), findProject(context.folder) ?? context.folder);
    const all = catalog.topologyNames().map((name) => catalog.topology(name));
    return {
      data: all,
      text: all.map((one) => `${one.name}  ${one.summary}\n  ${one.components.join(', ')}`).join('\n'),
    };
  },
};

import { Argument } from 'commander';
import { type CommandModule, examples } from './command.js';
import { bash } from './completion/bash.js';
import { fish } from './completion/fish.js';
import { nodesOf } from './completion/nodes.js';
import { zsh } from './completion/zsh.js';
import { wholeTree } from './tree.js';

const SHELLS = { bash, zsh, fish };

export const { configure, run }: CommandModule = {
  configure(command) {
    command.addArgument(new Argument('<shell>').choices(Object.keys(SHELLS)));
    examples(command, {
      'source <(gather completion bash)': 'in ~/.bashrc',
      'gather completion zsh > "${fpath[1]}/_gather"': 'once',
      'gather completion fish > ~/.config/fish/completions/gather.fish': 'once',
    });
  },

  async run({ commands }, [shell]) {
    const nodes = nodesOf(await wholeTree(commands));
    return { data: nodes, text: SHELLS[shell as keyof typeof SHELLS](nodes) };
  },
};

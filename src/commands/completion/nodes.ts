import type { Command } from 'commander';
import { wordsOf } from '../tree.js';

/** One place in a line that begins with gather, and what may follow there. */
export interface Node {
  /** `gather dags trigger`. */
  path: string;
  /** Subcommands, or the words that its argument may be; each with what it is for. */
  words: Word[];
  options: (Word & { short?: string; takesValue: boolean })[];
  /** True where a word that is none of `words` can only be a slip. */
  isGroup: boolean;
}

export interface Word {
  name: string;
  summary: string;
}

/** Every command of the tree, the root first. */
export function nodesOf(command: Command): Node[] {
  const subcommands = command.commands.map((one) => ({ name: one.name(), summary: one.description() }));
  const choices = command.registeredArguments.flatMap((one) => one.argChoices ?? []);
  const own = command.options.flatMap(({ long, short, description, required, optional }) =>
    long
      ? { name: long, ...(short && { short }), summary: description, takesValue: required || optional }
      : [],
  );
  const node: Node = {
    path: wordsOf(command),
    words: [...subcommands, ...choices.map((name) => ({ name, summary: '' }))],
    options: [...own, { name: '--help', short: '-h', summary: 'help for a command', takesValue: false }],
    isGroup: subcommands.length > 0,
  };
  return [node, ...command.commands.flatMap(nodesOf)];
}

/** Each option behind which a value stands, which is no word of the line's path. */
export function valueOptions(nodes: Node[]): string[] {
  const all = nodes.flatMap(({ options }) => options.filter((one) => one.takesValue));
  return [...new Set(all.flatMap(({ name, short }) => [name, ...(short ? [short] : [])]))].sort();
}

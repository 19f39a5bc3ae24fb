import { type Node, valueOptions } from './nodes.js';

/**
 * The body of a loop over the words of a line, in the syntax that bash and zsh share: it follows them to the command that the line
 * stands at, in `at`. Options are passed over, and with them the values that stand behind.
 * @param slip what to do at a word that no group of commands has
 */
export function walk(nodes: Node[], slip: string): string {
  const quoted = (some: Node[]) => some.map(({ path }) => `'${path}'`).join('|');
  return `    if [ -n "$skip" ]; then skip=; continue; fi
    case "$word" in
      ${valueOptions(nodes).join('|')}) skip=1; continue ;;
      -*) continue ;;
    esac
    case "$at $word" in
      ${quoted(nodes.slice(1))}) at="$at $word"; continue ;;
    esac
    case "$at" in
      ${quoted(nodes.filter((node) => node.isGroup))}) ${slip} ;;
    esac`;
}

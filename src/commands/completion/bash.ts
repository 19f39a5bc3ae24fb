import type { Node } from './nodes.js';
import { walk } from './walk.js';

/** The script for bash: what the command takes at which the line stands. */
export function bash(nodes: Node[]): string {
  const cases = nodes.map(({ path, words, options }) => {
    const all = [...words, ...options].map(({ name }) => name);
    return `    '${path}') words="${all.join(' ')}" ;;`;
  });
  return `_gather() {
  local at=gather word words skip=
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
${walk(nodes, 'COMPREPLY=(); return')}
  done
  case "$at" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _gather gather`;
}

import { shellQuoted } from '../../output/quoting.js';
import type { Node, Word } from './nodes.js';
import { walk } from './walk.js';

/** The script for zsh: what the command takes at which the line stands, with what each is for. */
export function zsh(nodes: Node[]): string {
  const described = ({ name, summary }: Word) =>
    shellQuoted([name, ...(summary ? [summary] : [])].map((text) => text.replace(/:/g, '\\:')).join(':'));
  const cases = nodes.map(
    ({ path, words, options }) =>
      `    '${path}') offers=(${[...words, ...options].map(described).join(' ')}) ;;`,
  );
  return `#compdef gather
_gather() {
  local at=gather word skip=
  local -a offers
  for word in "\${(@)words[2,CURRENT-1]}"; do
${walk(nodes, 'return 1')}
  done
  case "$at" in
${cases.join('\n')}
  esac
  _describe 'gather' offers
  _files
}
if [ "$funcstack[1]" = _gather ]; then _gather "$@"; else compdef _gather gather; fi`;
}

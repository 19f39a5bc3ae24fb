import { shellQuoted } from '../../output/quoting.js';
import { type Node, valueOptions, type Word } from './nodes.js';

/** The script for zsh: it follows the words of the line to where it stands, and offers what that takes. */
export function zsh(nodes: Node[]): string {
  const paths = nodes.slice(1).map(({ path }) => `'${path}'`);
  const groups = nodes.filter((node) => node.isGroup).map(({ path }) => `'${path}'`);
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
    if [[ -n "$skip" ]]; then skip=; continue; fi
    case "$word" in
      ${valueOptions(nodes).join('|')}) skip=1; continue ;;
      -*) continue ;;
    esac
    case "$at $word" in
      ${paths.join('|')}) at="$at $word"; continue ;;
    esac
    case "$at" in
      ${groups.join('|')}) return 1 ;;
    esac
  done
  case "$at" in
${cases.join('\n')}
  esac
  _describe 'gather' offers
  _files
}
if [ "$funcstack[1]" = _gather ]; then _gather "$@"; else compdef _gather gather; fi`;
}

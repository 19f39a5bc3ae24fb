import { type Node, valueOptions } from './nodes.js';

/** The script for bash: it follows the words of the line to where it stands, and offers what that takes. */
export function bash(nodes: Node[]): string {
  const paths = nodes.slice(1).map(({ path }) => `'${path}'`);
  const groups = nodes.filter((node) => node.isGroup).map(({ path }) => `'${path}'`);
  const cases = nodes.map(({ path, words, options }) => {
    const all = [...words, ...options].map(({ name }) => name);
    return `    '${path}') words="${all.join(' ')}" ;;`;
  });
  return `_gather() {
  local path=gather word words skip=
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    if [ -n "$skip" ]; then skip=; continue; fi
    case "$word" in
      ${valueOptions(nodes).join('|')}) skip=1; continue ;;
      -*) continue ;;
    esac
    case "$path $word" in
      ${paths.join('|')}) path="$path $word"; continue ;;
    esac
    case "$path" in
      ${groups.join('|')}) COMPREPLY=(); return ;;
    esac
  done
  case "$path" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _gather gather`;
}

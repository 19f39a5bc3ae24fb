import { backslashQuoted as quoted } from '../../output/quoting.js';
import { type Node, valueOptions } from './nodes.js';

/** The script for fish: `__gather_at` says whether the line stands at a command, and each line offers what that takes. */
export function fish(nodes: Node[]): string {
  const paths = nodes.slice(1).map(({ path }) => `'${path}'`);
  const groups = nodes.filter((node) => node.isGroup).map(({ path }) => `'${path}'`);
  const offers = nodes.flatMap(({ path, words, options }) => {
    const at = `complete -c gather -n "__gather_at '${path}'"`;
    return [
      ...words.map(({ name, summary }) => `${at} -a ${name} -d ${quoted(summary)}`),
      ...options.map(
        ({ name, short, summary, takesValue }) =>
          `${at} -l ${name.slice(2)}${short ? ` -s ${short.slice(1)}` : ''}${takesValue ? ' -r' : ''} -d ${quoted(summary)}`,
      ),
    ];
  });
  return `function __gather_at
  set -l at gather
  set -l skip
  for word in (commandline -opc)[2..-1]
    if test -n "$skip"
      set skip
      continue
    end
    switch $word
      case ${valueOptions(nodes).join(' ')}
        set skip 1
        continue
      case '-*'
        continue
    end
    if contains -- "$at $word" ${paths.join(' ')}
      set at "$at $word"
    else if contains -- "$at" ${groups.join(' ')}
      return 1
    end
  end
  test "$at" = "$argv[1]"
end
${offers.join('\n')}`;
}

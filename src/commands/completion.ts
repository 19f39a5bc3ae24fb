import { Command } from 'commander';
import { GatherError } from '../output/errors.js';
import { type CommandModule, type CommandTable, examples } from './command.js';

/** Words that stand behind a command, where they are not options. */
const ACTIONS: Record<string, string[]> = {
  dags: ['list', 'errors', 'trigger', 'test', 'new', 'push'],
  s3: ['ls', 'cp', 'sync', 'rm'],
  env: ['list', 'get', 'set', 'unset', 'diff'],
  db: ['init'],
  engine: ['start', 'stop', 'status', 'env'],
  images: ['list', 'build', 'prune'],
  completion: ['bash', 'zsh', 'fish'],
};
const COMMON = ['--help', '--output', '--project', '--yes'];

export const { configure, run }: CommandModule = {
  configure(command) {
    command.argument('<shell>', 'bash, zsh or fish');
    examples(command, {
      'source <(gather completion bash)': 'in ~/.bashrc',
      'gather completion zsh > "${fpath[1]}/_gather"': 'once',
      'gather completion fish > ~/.config/fish/completions/gather.fish': 'once',
    });
  },

  async run({ commands }, [shell = '']) {
    const words = await wordsOf(commands);
    const scripts: Record<string, () => string> = {
      bash: () => bash(words),
      zsh: () => zsh(words, commands),
      fish: () => fish(words, commands),
    };
    const script = scripts[shell];
    if (!script) throw new GatherError('USAGE', `gather completion ${shell}: must be bash, zsh or fish`);
    return { data: words, text: script() };
  },
};

/** Command → what may follow it, read from the commands themselves. */
async function wordsOf(commands: CommandTable): Promise<Record<string, string[]>> {
  const words: Record<string, string[]> = {};
  for (const [name, { load }] of Object.entries(commands)) {
    const command = new Command(name);
    (await load()).configure(command);
    words[name] = [
      ...(ACTIONS[name] ?? []),
      ...command.options.map((option) => option.long ?? ''),
      ...COMMON,
    ];
  }
  return words;
}

function bash(words: Record<string, string[]>): string {
  const cases = Object.entries(words).map(([name, list]) => `    ${name}) words="${list.join(' ')}" ;;`);
  return `_gather() {
  local words="${Object.keys(words).join(' ')} --help --version" current="\${COMP_WORDS[COMP_CWORD]}"
  [ "$COMP_CWORD" -gt 1 ] && case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _gather gather`;
}

function zsh(words: Record<string, string[]>, table: CommandTable): string {
  const cases = Object.entries(words).map(([name, list]) => `    ${name}) compadd -- ${list.join(' ')} ;;`);
  const commands = Object.entries(table).map(
    ([name, { summary }]) => `    '${name}:${summary.replace(/'/g, "'\\''").replace(/:/g, '\\:')}'`,
  );
  return `#compdef gather
_gather() {
  local -a commands=(
${commands.join('\n')}
  )
  if (( CURRENT == 2 )); then _describe command commands; return; fi
  case "\${words[2]}" in
${cases.join('\n')}
  esac
  _files
}
if [ "$funcstack[1]" = _gather ]; then _gather "$@"; else compdef _gather gather; fi`;
}

function fish(words: Record<string, string[]>, table: CommandTable): string {
  const quoted = (text: string) => `'${text.replace(/\\/g, '\\\\').replace(/'/g, "\\'")}'`;
  return Object.entries(words)
    .flatMap(([name, list]) => [
      `complete -c gather -n __fish_use_subcommand -a ${name} -d ${quoted(table[name]?.summary ?? '')}`,
      ...list.map((word) =>
        word.startsWith('--')
          ? `complete -c gather -n '__fish_seen_subcommand_from ${name}' -l ${word.slice(2)}`
          : `complete -c gather -n '__fish_seen_subcommand_from ${name}' -a ${word}`,
      ),
    ])
    .join('\n');
}

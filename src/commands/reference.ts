import type { Command } from 'commander';
import { rows } from '../output/columns.js';
import { examplesOf } from './command.js';
import { addCommonOptions, wordsOf } from './tree.js';

/** docs/commands.md: every command of the tree with its line, arguments, options and examples, in Markdown. */
export function reference(root: Command): string {
  const common = addCommonOptions(root.createCommand('common')).options;
  const isCommon = (flags: string) => common.some((one) => one.flags === flags);
  const parts = [
    '<!-- Generated from the commands themselves: npx vitest run --project unit test/commands/reference.test.ts --update -->',
    '# Commands',
    'Exit codes: 0 done, 1 failed, 2 wrong usage, 3 needs a yes, 4 the stack is not usable, 128 and the number of a signal. Every command takes:',
    table(common.map((one) => [one.flags, one.description])),
    ...root.commands.flatMap((command) => sections(command, isCommon)),
  ];
  return `${parts.join('\n\n')}\n`;
}

function sections(command: Command, isCommon: (flags: string) => boolean): string[] {
  const level = '#'.repeat(wordsOf(command).split(' ').length);
  const takes = command.registeredArguments.map((one) => [one.name(), one.description]);
  const options = command.options.filter((one) => !isCommon(one.flags));
  const shown = rows(Object.entries(examplesOf(command)).map(([line, says]) => [`$ ${line}`, `# ${says}`]));
  return [
    `${level} ${wordsOf(command)}`,
    `${command.description().replace(/^./, (letter) => letter.toUpperCase())}.`,
    ...(command.commands.length > 0 ? [] : [`    ${wordsOf(command)} ${command.usage()}`]),
    ...(takes.some(([, says]) => says) || options.length > 0
      ? [
          table([
            ...takes,
            ...options.map((one) => [one.flags, `${one.description}${given(one.defaultValue)}`]),
          ]),
        ]
      : []),
    `\`\`\`console\n${shown.join('\n')}\n\`\`\``,
    ...command.commands.flatMap((one) => sections(one, isCommon)),
  ];
}

function given(value: unknown): string {
  return value === undefined ? '' : ` (${String(value)} when it is not given)`;
}

function table(lines: string[][]): string {
  const line = (cells: string[]) => `| ${cells.map((cell) => cell.replace(/\|/g, '\\|')).join(' | ')} |`;
  return ['| | |', '|---|---|', ...lines.map(([name = '', says = '']) => line([`\`${name}\``, says]))].join(
    '\n',
  );
}

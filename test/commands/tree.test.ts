import { Command, CommanderError } from 'commander';
import { beforeEach, describe, expect, test } from 'vitest';
import type { CommandEntry, CommandTable, Options } from '../../src/commands/command.js';
import { addCommands, addCommonOptions, asOptions } from '../../src/commands/tree.js';

interface Called {
  name: string;
  args: string[];
  options: Options;
}

let loaded: string[];
let called: Called[];
beforeEach(() => {
  [loaded, called] = [[], []];
});

const leaf = (name: string, line: (command: Command) => void = () => {}): CommandEntry => ({
  summary: `does ${name}`,
  async load() {
    loaded.push(name);
    return {
      configure: line,
      async run(_context, args, options) {
        called.push({ name, args, options });
        return {};
      },
    };
  },
});

const group = (name: string, commands: CommandTable, byDefault?: string): CommandEntry => ({
  summary: `does ${name}`,
  async load() {
    loaded.push(name);
    return { configure: () => {}, commands, byDefault };
  },
});

const TABLE: CommandTable = {
  up: leaf('up', (command) => command.option('--explain', 'why')),
  exec: leaf('exec', (command) => command.argument('<service>').argument('<line...>').passThroughOptions()),
  dags: group(
    'dags',
    {
      list: leaf('list'),
      trigger: leaf('trigger', (command) => command.argument('<dag>').option('--wait', 'wait')),
      push: leaf('push', (command) => command.option('--delete', 'remove')),
    },
    'list',
  ),
  s3: group('s3', { ls: leaf('ls', (command) => command.argument('[from]')) }),
};

/** What a line says and ends with: 0, or commander's code of the error. */
async function line(...argv: string[]): Promise<{ said: string; ended: string | 0 }> {
  let said = '';
  const program = addCommonOptions(new Command('gather').enablePositionalOptions().exitOverride());
  const write = (text: string) => {
    said += text;
  };
  program.configureOutput({ writeOut: write, writeErr: write });
  addCommands(program, TABLE, async (module, args, options) => {
    await module.run({} as never, args, options);
  });
  try {
    await program.parseAsync(asOptions(argv), { from: 'user' });
    return { said, ended: 0 };
  } catch (error) {
    if (error instanceof CommanderError) return { said, ended: error.exitCode === 0 ? 0 : error.code };
    throw error;
  }
}

describe('what is loaded', () => {
  test.each([
    [['--help'], []],
    [['up'], ['up']],
    [['dags', '--help'], ['dags']],
    [
      ['dags', 'trigger', 'a'],
      ['dags', 'trigger'],
    ],
    // the value of an option is no command, be it called like one
    [['-C', 'dags', 'up'], ['up']],
    [
      ['help', 'dags', 'push'],
      ['dags', 'push'],
    ],
  ])('by %j is %j', async (argv, modules) => {
    expect((await line(...argv)).ended).toBe(0);
    expect(loaded).toEqual(modules);
  });
});

describe('the help', () => {
  test('of a group has a line for each of its subcommands', async () => {
    const { said } = await line('dags', '--help');
    expect(said).toContain('Usage: gather dags [options] [command]');
    for (const name of ['list', 'trigger', 'push'])
      expect(said).toMatch(new RegExp(`^ {2}${name} +does ${name}$`, 'm'));
    expect(said).not.toContain('--delete');
  });

  test.each([[['dags', 'push', '--help']], [['help', 'dags', 'push']], [['help', '-y', 'dags', 'push']]])(
    'of a subcommand has its own options: %j',
    async (argv) => {
      const { said, ended } = await line(...argv);
      expect(ended).toBe(0);
      expect(said).toContain('Usage: gather dags push [options]');
      expect(said).toMatch(/--delete +remove/);
      expect(said).not.toContain('--wait');
      expect(called).toEqual([]);
    },
  );
});

describe('a subcommand', () => {
  test('is handed its own arguments and options', async () => {
    await line('dags', 'trigger', 'a', '--wait');
    expect(called).toEqual([{ name: 'trigger', args: ['a'], options: { wait: true } }]);
  });

  test('that is meant by default is called without its name', async () => {
    for (const argv of [['dags'], ['dags', '-y'], ['dags', 'list', '-y']]) await line(...argv);
    expect(called.map(({ name, options }) => [name, options])).toEqual([
      ['list', {}],
      ['list', { yes: true }],
      ['list', { yes: true }],
    ]);
  });

  test.each([
    [['--output', 'json', 'dags', 'list', '-C', 'x']],
    [['dags', '--output', 'json', 'list', '-C', 'x']],
    [['dags', '--output', 'json', '-C', 'x']],
    [['-C', 'x', '--output', 'json', 'dags']],
    [['dags', 'list', '-C', 'x', '--output', 'json']],
    [['--output', 'text', '-C', 'y', 'dags', '-C', 'x', 'list', '--output', 'json']],
  ])('has the common options wherever they stand: %j', async (argv) => {
    expect((await line(...argv)).ended).toBe(0);
    expect(called).toEqual([{ name: 'list', args: [], options: { output: 'json', project: 'x' } }]);
  });

  test('that runs another program leaves the rest of the line to it', async () => {
    await line('-C', 'x', 'exec', 'web', 'ls', '-C', 'y', '--wait');
    expect(called).toEqual([
      { name: 'exec', args: ['web', 'ls', '-C', 'y', '--wait'], options: { project: 'x' } },
    ]);
  });
});

test.each([
  [['inti'], 'commander.unknownCommand', "unknown command 'inti'"],
  [['dags', 'trigre', 'a'], 'commander.error', "unknown command 'trigre'\n(Did you mean trigger?)"],
  [['dags', 'trig'], 'commander.error', "unknown command 'trig'\n(Did you mean trigger?)"],
  [['dags', 'xyz'], 'commander.error', "unknown command 'xyz'\n(gather dags --help shows what there is)"],
  [['s3', 'lss'], 'commander.unknownCommand', "unknown command 'lss'\n(Did you mean ls?)"],
  [['s3'], 'commander.help', 'does ls'],
  [['dags', 'list', 'extra'], 'commander.excessArguments', 'Expected 0 arguments but got 1'],
  [['dags', 'trigger', 'a', 'b'], 'commander.excessArguments', 'Expected 1 argument but got 2'],
  [['dags', 'trigger', 'a', '--delete'], 'commander.unknownOption', "unknown option '--delete'"],
  [['dags', 'trigger', 'a', '--wiat'], 'commander.unknownOption', '(Did you mean --wait?)'],
  [['dags', '--wait'], 'commander.unknownOption', "unknown option '--wait'"],
  [['up', '--wait'], 'commander.unknownOption', "unknown option '--wait'"],
  [['dags', 'trigger'], 'commander.missingArgument', "missing required argument 'dag'"],
  [['dags', '--output', 'xml'], 'commander.invalidArgument', 'Allowed choices are text, json'],
])('%j is refused', async (argv, ended, words) => {
  const refused = await line(...argv);
  expect(refused).toEqual({ ended, said: expect.stringContaining(words) });
  expect(called).toEqual([]);
});

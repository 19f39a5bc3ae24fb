import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { examplesOf } from '../../src/commands/command.js';
import { nodesOf } from '../../src/commands/completion/nodes.js';
import { reference } from '../../src/commands/reference.js';
import { COMMANDS } from '../../src/commands/table.js';
import { wholeTree, wordsOf } from '../../src/commands/tree.js';

const tree = await wholeTree(COMMANDS);
const all = nodesOf(tree).slice(1);

test('docs/commands.md is what the commands say (vitest -u writes it)', async () => {
  await expect(reference(tree)).toMatchFileSnapshot(
    fileURLToPath(new URL('../../docs/commands.md', import.meta.url)),
  );
});

test('every command says what it is for, what it takes, and has an example of its own', () => {
  expect(all.map(({ path }) => path)).toEqual(expect.arrayContaining(['gather up', 'gather dags trigger']));
  const lacking = [tree, ...tree.commands].flatMap((parent) =>
    parent.commands.filter((command) => {
      const lines = Object.keys(examplesOf(command));
      return (
        !command.description() ||
        command.options.some((option) => !option.description) ||
        !lines.some((line) => line.includes(wordsOf(command)))
      );
    }),
  );
  expect(lacking.map(wordsOf)).toEqual([]);
});

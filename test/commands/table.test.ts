import { expect, test } from 'vitest';
import { COMMANDS, ELSEWHERE } from '../../src/commands/table.js';
import { refuseUnknown, wholeTree } from '../../src/commands/tree.js';

const aliases = Object.values(COMMANDS).flatMap((entry) => entry.aliases ?? []);

test('a word of another tool leads to a command that there is', async () => {
  const tree = await wholeTree(COMMANDS);
  for (const line of Object.values(ELSEWHERE).flatMap((text) => text.split(/, or /))) {
    const [gather, name, second] = line.split(' ');
    expect(gather).toBe('gather');
    const command = tree.commands.find((one) => one.name() === name);
    const inner = command?.commands.map((one) => one.name()) ?? [];
    if (inner.length > 0 && second) expect(inner, line).toContain(second);
    expect(command, line).toBeDefined();
  }
});

test('no word has two meanings', () => {
  const words = [...Object.keys(COMMANDS), ...aliases, ...Object.keys(ELSEWHERE)];
  expect(words).toEqual([...new Set(words)]);
  expect(aliases).toEqual(['start', 'stop', 'ps']);
});

test.each([
  ['shell', 'here it is gather exec SERVICE bash'],
  ['statsu', 'Did you mean status?'],
  ['constructor', "unknown command 'constructor'"],
])('%s is answered', async (word, answer) => {
  const tree = await wholeTree(COMMANDS);
  let said = '';
  tree.exitOverride().configureOutput({ writeErr: (text) => (said += text) });
  tree.on('command:*', () => refuseUnknown(tree, ELSEWHERE));
  await expect(tree.parseAsync([word], { from: 'user' })).rejects.toThrow();
  expect(said).toContain(answer);
});

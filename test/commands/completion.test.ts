import { spawnSync } from 'node:child_process';
import { beforeAll, describe, expect, test } from 'vitest';
import { bash } from '../../src/commands/completion/bash.js';
import { fish } from '../../src/commands/completion/fish.js';
import { type Node, nodesOf, valueOptions } from '../../src/commands/completion/nodes.js';
import { zsh } from '../../src/commands/completion/zsh.js';
import { COMMANDS } from '../../src/commands/table.js';
import { wholeTree } from '../../src/commands/tree.js';

let nodes: Node[];
beforeAll(async () => {
  nodes = nodesOf(await wholeTree(COMMANDS));
});

const at = (path: string) => nodes.find((node) => node.path === path);
const names = (list: { name: string }[] = []) => list.map(({ name }) => name);

test('what may follow is read from the commands themselves', () => {
  expect(names(at('gather')?.words)).toEqual(Object.keys(COMMANDS));
  expect(names(at('gather s3')?.words)).toEqual(['ls', 'cp', 'sync', 'rm']);
  expect(at('gather s3')?.isGroup).toBe(true);
  expect(names(at('gather completion')?.words)).toEqual(['bash', 'zsh', 'fish']);
  expect(at('gather completion')?.isGroup).toBe(false);
  expect(names(at('gather s3 ls')?.options)).toEqual([
    '--recursive',
    '--output',
    '--project',
    '--yes',
    '--help',
  ]);
});

test('options with a value are known, with their short names', () => {
  const all = valueOptions(nodes);
  expect(all).toEqual(expect.arrayContaining(['--conf', '--output', '--project', '-C', '--tail', '-n']));
  for (const flag of ['--yes', '-y', '--wait', '--help', '-f']) expect(all).not.toContain(flag);
});

describe('the script for bash', () => {
  const complete = (...words: string[]) => {
    const line = words.map((word) => `'${word}'`).join(' ');
    const script = `${bash(nodes)}
      COMP_WORDS=(gather ${line}) COMP_CWORD=${words.length}
      _gather || true; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout, stderr } = spawnSync('bash', ['--norc', '-uc', script], { encoding: 'utf8' });
    expect(stderr).toBe('');
    return stdout.trim().split('\n').filter(Boolean);
  };

  test.each([
    [['com'], ['components', 'completion']],
    [['dags', 'pu'], ['push']],
    [
      ['dags', 'push', '--d'],
      ['--delete', '--dry-run'],
    ],
    [['dags', 'trigger', 'a', '--w'], ['--wait']],
    [['-C', 'up', 'dags', '--output', 'json', 'tr'], ['trigger']],
    [['nothing', ''], []],
    [['dags', 'nothing', ''], []],
    [['test', '--conf'], []],
    [['dags', 'test', '--conf'], ['--conf']],
  ])('offers behind %j: %j', (words, offered) => {
    expect(complete(...words)).toEqual(offered);
  });
});

test('the other scripts quote what a summary may hold', () => {
  const odd: Node[] = [
    { path: 'gather', words: [{ name: 'db', summary: `Airflow's: a \\` }], options: [], isGroup: true },
    { path: 'gather db', words: [], options: [], isGroup: false },
  ];
  expect(zsh(odd)).toContain(`'gather') offers=('db:Airflow'\\''s\\: a \\') ;;`);
  expect(fish(odd)).toContain(`complete -c gather -n "__gather_at 'gather'" -a db -d 'Airflow\\'s: a \\\\'`);
});

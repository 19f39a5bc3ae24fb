import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { COMMANDS } from '../../src/commands/table.js';
import { emptyFolder, gatherOk, HOME } from './gather.js';

let folder: string;
let env: NodeJS.ProcessEnv;
beforeAll(async () => {
  folder = emptyFolder('completion');
  mkdirSync(join(folder, 'bin'));
  writeFileSync(
    join(folder, 'bin/gather'),
    `#!/bin/sh\nexec '${process.execPath}' '${join(HOME, 'dist/main.js')}' "$@"\n`,
  );
  chmodSync(join(folder, 'bin/gather'), 0o755);
  env = { ...process.env, HOME: folder, PATH: `${join(folder, 'bin')}:${process.env.PATH}` };
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { stdout } = await gatherOk(['completion', shell], { cwd: folder });
    writeFileSync(join(folder, shell), `${stdout}\n`);
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

function run(shell: string, script: string): string {
  const { stdout, stderr, status } = spawnSync(shell, ['-c', script], { cwd: folder, env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${shell} ended with ${status}: ${stderr}`);
  return stdout;
}

describe('in bash', () => {
  /** What Tab offers behind these words, the last one unfinished. */
  const complete = (...words: string[]) => {
    const script = `source <(gather completion bash)
      complete -p gather >&2
      COMP_WORDS=(gather ${words.map((word) => `'${word}'`).join(' ')}) COMP_CWORD=${words.length}
      _gather || true; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return run('bash', script).trim().split('\n').filter(Boolean);
  };

  test('a command', () => {
    expect(complete('')).toEqual(expect.arrayContaining(Object.keys(COMMANDS)));
    expect(complete('com')).toEqual(['components', 'completion']);
  });
  test('what a command takes', () => {
    expect(complete('env', '')).toEqual(expect.arrayContaining(['list', 'get', 'set', '--help', '--output']));
    expect(complete('init', '--to')).toEqual(['--topology']);
    expect(complete('down', '--v')).toEqual(['--volumes']);
    expect(complete('engine', 's')).toEqual(['start', 'stop', 'status']);
  });
  test('what a subcommand takes, and no other one', () => {
    expect(complete('dags', 'trigger', '--')).toEqual(expect.arrayContaining(['--wait', '--conf', '--yes']));
    expect(complete('dags', 'trigger', '--de')).toEqual([]);
    expect(complete('dags', 'push', '--de')).toEqual(['--delete']);
    expect(complete('dags', 'trigger', 'hello', '--w')).toEqual(['--wait']);
    expect(complete('completion', '')).toEqual(expect.arrayContaining(['bash', 'zsh', 'fish']));
  });
  test('the same behind options and their values', () => {
    expect(complete('-C', 'up', 'dags', '--output', 'json', 'pu')).toEqual(['push']);
    expect(complete('-y', 'engine', 's')).toEqual(['start', 'stop', 'status']);
  });
  test('nothing behind a word that is no command', () => {
    expect(complete('nothing', 'x')).toEqual([]);
    expect(complete('dags', 'nothing', '')).toEqual([]);
  });
});

describe('in fish', () => {
  const complete = (line: string) =>
    run('fish', `source ${join(folder, 'fish')}; complete -C '${line}'`)
      .trim()
      .split('\n')
      .map((one) => one.split('\t')[0]);

  test('a command, and what it takes', () => {
    expect(complete('gather com')).toEqual(expect.arrayContaining(['components', 'completion']));
    expect(complete('gather env ')).toEqual(expect.arrayContaining(['list', 'get', 'set']));
    expect(complete('gather init --to')).toEqual(expect.arrayContaining(['--topology']));
    expect(complete('gather -C up dags pu')).toEqual(['push']);
    expect(complete('gather dags push --d')).toEqual(['--delete', '--dry-run']);
    // gather test is another command than gather dags test
    expect(complete('gather dags test --co')).toEqual(['--conf']);
    expect(complete('gather test --co')).toEqual(['']);
  });
});

describe('in zsh', () => {
  test('the function is read, and offers commands and what they take', () => {
    // _describe, which only the line editor has, is played by a function that says what it is given
    const complete = (current: number, ...words: string[]) =>
      run(
        'zsh',
        `autoload -Uz compinit && compinit -u -D
        source ${join(folder, 'zsh')}
        _describe() { print -rl -- \${(P)2} }
        _files() { }
        words=(gather ${words.join(' ')}); CURRENT=${current}
        _gather`,
      ).split('\n');
    expect(complete(2)).toEqual(
      expect.arrayContaining(
        Object.entries(COMMANDS).map(([name, { summary }]) => `${name}:${summary.replaceAll(':', '\\:')}`),
      ),
    );
    const names = (...words: string[]) =>
      complete(words.length + 2, ...words).map((line) => line.split(':')[0]);
    expect(names('engine')).toEqual(expect.arrayContaining(['start', 'stop', 'status', 'env']));
    expect(names('init')).toEqual(expect.arrayContaining(['--topology', '--set']));
    expect(names('-C', 'up', 'dags', 'push')).toEqual(expect.arrayContaining(['--delete', '--yes']));
    expect(names('dags', 'push')).not.toContain('--wait');
  });
});

test.each(['zsh', 'fish'])(
  'the script for %s names every command, also where that shell is not installed',
  async (shell) => {
    const { stdout } = await gatherOk(['completion', shell], { cwd: folder });
    for (const name of Object.keys(COMMANDS)) expect(stdout).toMatch(new RegExp(`\\b${name}\\b`));
  },
);

import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { EnvFile } from '../../src/project/dotenv.js';
import { emptyFolder, gatherOk } from './gather.js';
import { BACKSPACE, CTRL_C, CTRL_U, DOWN, Terminal } from './terminal.js';

function folderOf(name: string): string {
  const folder = emptyFolder(name);
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}
function start(args: string[], folder: string): Terminal {
  const terminal = new Terminal(args, folder);
  onTestFinished(() => terminal.close());
  return terminal;
}
const envOf = (folder: string) => EnvFile.parse(readFileSync(join(folder, '.env'), 'utf8'), '.env');

/** mission.md, system 1, in the order asked; and the two ports of this machine behind them. */
const QUESTIONS = [
  'PG_USER',
  'PG_PASS',
  'PG_DB',
  'AF_DB',
  'AF_USER',
  'AF_PASS',
  'AIRFLOW_UID',
  'AIRFLOW_GID',
  'AIRFLOW_PROJ_DIR',
  'AIRFLOW__CELERY__BROKER_URL',
  'AIRFLOW__CELERY__FLOWER_URL_PREFIX',
  'AIRFLOW__CORE__EXECUTOR',
  'AIRFLOW__CORE__FERNET_KEY',
  'AIRFLOW__CORE__INTERNAL_API_SECRET_KEY',
  'AIRFLOW__CORE__LOAD_EXAMPLES',
  'AIRFLOW__SECRETS__BACKEND',
  'AIRFLOW__WEBSERVER__EXPOSE_CONFIG',
  'AIRFLOW__WEBSERVER__ENABLE_PROXY_FIX',
  'AIRFLOW__WEBSERVER__SECRET_KEY',
  '_AIRFLOW_DB_MIGRATE',
  '_AIRFLOW_WWW_USER_CREATE',
  'AIRFLOW_WEB_PORT',
  'PROXY_PORT',
];

/** What a new project is asked first. */
const PLATFORM = 'Which platform does this stack mirror?';

/** Answers every question with Enter, but for those that have an answer here. */
async function answerAll(
  terminal: Terminal,
  answers: Record<string, (question: string) => Promise<void>> = {},
): Promise<void> {
  for (const name of QUESTIONS)
    await (answers[name] ?? ((question) => terminal.answer(question)))(`(${name})`);
}

describe('a person at a terminal', () => {
  test('who takes every default gets the same as --yes', async () => {
    const folder = folderOf('interview');
    const terminal = start(['init'], folder);
    await terminal.answer(PLATFORM);
    await answerAll(terminal);
    await terminal.sees('next: gather up');
    expect(await terminal.exitCode()).toBe(0);
    const twin = folderOf('twin');
    await gatherOk(['init', '--yes'], { cwd: twin });
    const plain = (text: string) =>
      text.replace(/^(\w+)=.*$/gm, (line, name: string) =>
        /PASS|KEY|CONN|BACKEND|PROJECT_NAME|PROJECT_ID/.test(name) ? name : line,
      );
    expect(plain(envOf(folder).toString())).toBe(plain(envOf(twin).toString()));
    // no secret was ever on the screen
    for (const name of ['PG_PASS', 'AF_PASS', 'AIRFLOW__CORE__FERNET_KEY'])
      expect(terminal.screen).not.toContain(envOf(folder).get(name));
  });

  test('is told at once of a wrong answer, and what follows is computed from the answers', async () => {
    const folder = folderOf('answers');
    const terminal = start(['init'], folder);
    await terminal.answer(PLATFORM);
    await answerAll(terminal, {
      PG_USER: async (question) => {
        await terminal.answer(question, 'pg_me');
        await terminal.sees("names that begin with pg_ are PostgreSQL's own");
        terminal.type(`${BACKSPACE.repeat(5)}boss${CTRL_U}\r`);
        await terminal.sees('a key was pressed that is no letter');
        terminal.type(`${BACKSPACE}\r`);
      },
      AF_PASS: (question) => terminal.answer(question, `s'e c@ret`),
      AF_DB: (question) => terminal.answer(question, 'flows'),
      PROXY_PORT: async (question) => {
        await terminal.answer(question, '99999');
        await terminal.sees('must be a port');
        terminal.type(`${BACKSPACE.repeat(5)}8123\r`);
      },
      AIRFLOW__SECRETS__BACKEND: async (question) => {
        // the first below "none" is Azure Key Vault
        await terminal.answer(question, DOWN);
        await terminal.answer('(vault_url)', 'https://v');
        await terminal.answer('(tenant_id)', 't');
        await terminal.answer('(client_id)', 'c');
        await terminal.answer('(client_secret)', 'hidden-one');
      },
    });
    expect(await terminal.exitCode()).toBe(0);
    const env = envOf(folder);
    expect(env.get('PG_USER')).toBe('boss');
    expect(env.get('AF_PASS')).toBe(`s'e c@ret`);
    expect(env.get('AIRFLOW__DATABASE__SQL_ALCHEMY_CONN')).toBe(
      'postgresql+psycopg2://airflow_user:s%27e%20c%40ret@postgres:5432/flows',
    );
    expect(env.get('AIRFLOW__WEBSERVER__BASE_URL')).toBe('http://localhost:8123');
    expect(JSON.parse(env.get('AIRFLOW__SECRETS__BACKEND_KWARGS') ?? '')).toEqual({
      vault_url: 'https://v',
      tenant_id: 't',
      client_id: 'c',
      client_secret: 'hidden-one',
      connections_prefix: 'af-conns',
      variables_prefix: 'af-vars',
    });
    expect(terminal.screen).not.toMatch(/s'e c@ret|hidden-one/);
  });

  test('who runs init again and takes what is offered changes nothing', async () => {
    const folder = folderOf('again');
    await gatherOk(
      ['init', '--yes', '--set', 'REDIS_PASS=hunter2', '--set', 'AIRFLOW__CORE__LOAD_EXAMPLES=True'],
      { cwd: folder },
    );
    const before = envOf(folder).toString();
    const terminal = start(['init'], folder);
    await answerAll(terminal);
    expect(await terminal.exitCode()).toBe(0);
    expect(envOf(folder).toString()).toBe(before);
    expect(terminal.screen).not.toContain('hunter2');
  });

  test.each(['PG_USER', 'AF_PASS', 'AIRFLOW__SECRETS__BACKEND', '_AIRFLOW_WWW_USER_CREATE'])(
    'who presses Ctrl-C at %s changes nothing',
    async (last) => {
      const folder = folderOf('ctrl-c');
      const terminal = start(['init'], folder);
      await terminal.answer(PLATFORM);
      for (const name of QUESTIONS.slice(0, QUESTIONS.indexOf(last))) await terminal.answer(`(${name})`);
      await terminal.sees(`(${last})`);
      terminal.type(CTRL_C);
      expect(await terminal.exitCode()).toBe(130);
      expect(terminal.screen).toContain('cancelled; nothing was changed');
      expect(readdirSync(folder)).toEqual([]);
    },
  );

  test('is asked before data is deleted, and "no" stops nothing', async () => {
    const folder = folderOf('down');
    await gatherOk(['init', '--yes'], { cwd: folder });
    const terminal = start(['down', '--volumes'], folder);
    await terminal.answer('Delete the database and all other data', 'n');
    expect(await terminal.exitCode()).toBe(3);
    expect(terminal.screen).toContain('was not deleted, and nothing was stopped');
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('who ends a command by %s at a question changes nothing', async (name, code) => {
    const folder = folderOf('signal');
    const first = start(['init'], folder);
    await first.sees(PLATFORM);
    first.signal(name);
    expect(await first.exitCode()).toBe(code);
    expect(readdirSync(folder)).toEqual([]);
    await gatherOk(['init', '--yes'], { cwd: folder });
    const files = readdirSync(folder);
    const terminal = start(['down', '--volumes'], folder);
    await terminal.sees('Delete the database and all other data');
    terminal.signal(name);
    expect(await terminal.exitCode()).toBe(code);
    expect(terminal.screen).toContain('cancelled; nothing was changed');
    expect(readdirSync(folder)).toEqual(files);
  });

  test('who presses Ctrl-C at a yes or no leaves as the shell has it', async () => {
    const folder = folderOf('ctrl-c-confirm');
    await gatherOk(['init', '--yes'], { cwd: folder });
    const terminal = start(['down', '--volumes'], folder);
    await terminal.sees('Delete the database and all other data');
    terminal.type(CTRL_C);
    expect(await terminal.exitCode()).toBe(130);
  });

  test('gives a secret to env set unseen', async () => {
    const folder = folderOf('secret');
    await gatherOk(['init', '--yes'], { cwd: folder });
    const terminal = start(['env', 'set', 'AF_PASS'], folder);
    await terminal.answer('Value', 'unseen-one');
    expect(await terminal.exitCode()).toBe(0);
    expect(envOf(folder).get('AF_PASS')).toBe('unseen-one');
    expect(terminal.screen).not.toContain('unseen-one');
  });
});

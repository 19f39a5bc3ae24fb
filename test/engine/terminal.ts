import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { HOME } from './gather.js';

const ENTER = '\r';
export const CTRL_C = '\x03';
export const CTRL_U = '\x15';
export const BACKSPACE = '\x7f';
export const DOWN = '\x1b[B';

/** The CLI on a real pseudo terminal (util-linux' script), with a person who reads and types. */
export class Terminal {
  private text = '';
  private read = 0;
  private code: number | undefined;
  private readonly waiting = new Set<() => void>();
  private readonly child: ChildProcess;

  constructor(args: string[], cwd: string) {
    const quoted = [process.execPath, join(HOME, 'dist/main.js'), ...args].map(
      (word) => `'${word.replace(/'/g, "'\\''")}'`,
    );
    // wide, so that no question is broken into two lines
    this.child = spawn(
      'script',
      ['--quiet', '--return', '--command', `stty cols 300 rows 60; exec ${quoted.join(' ')}`, '/dev/null'],
      {
        cwd,
        env: { ...process.env, TERM: 'xterm', CI: '', SHELL: '/bin/sh' },
        stdio: ['pipe', 'pipe', 'inherit'],
      },
    );
    this.child.stdout?.on('data', (chunk: Buffer) => {
      this.text += chunk.toString('utf8');
      this.wake();
    });
    this.child.on('close', (code) => {
      this.code = code ?? -1;
      this.wake();
    });
  }

  /** What was on the screen so far, without colours. */
  get screen(): string {
    return stripVTControlCharacters(this.text);
  }

  /** Waits until the text appears behind what was waited for before. */
  async sees(text: string): Promise<void> {
    await this.until(() => {
      const at = this.screen.indexOf(text, this.read);
      if (at >= 0) this.read = at + text.length;
      return at >= 0;
    }, text);
  }

  type(keys: string): void {
    this.child.stdin?.write(keys);
  }

  /** Sends the command a signal, as another program would: the terminal's own Ctrl-C is a key while a question is asked. */
  signal(name: NodeJS.Signals): void {
    const { pid } = this.child;
    const [command] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ');
    process.kill(Number(command), name);
  }

  /** Waits for a question and answers it; no answer is Enter alone, which takes what is offered. */
  async answer(question: string, keys = ''): Promise<void> {
    await this.sees(question);
    this.type(keys + ENTER);
  }

  async exitCode(): Promise<number> {
    await this.until(() => this.code !== undefined, 'the end');
    return this.code ?? -1;
  }

  /** For the end of a test: nothing is left running. */
  close(): void {
    this.child.kill();
  }

  private wake(): void {
    for (const check of [...this.waiting]) check();
  }

  private until(met: () => boolean, what: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (error?: Error) => {
        clearTimeout(timer);
        this.waiting.delete(check);
        if (error) reject(error);
        else resolve();
      };
      const check = () => {
        if (met()) end();
        else if (this.code !== undefined)
          end(new Error(`ended with ${this.code} before ${what} was seen:\n${this.screen}`));
      };
      const timer = setTimeout(() => end(new Error(`${what} was not seen in time:\n${this.screen}`)), 20_000);
      this.waiting.add(check);
      check();
    });
  }
}

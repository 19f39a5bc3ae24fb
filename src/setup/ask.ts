import type prompts from 'prompts';
import { backendNames } from '../airflow/settings/secrets-backends.js';
import type { VariableSpec } from '../catalog/schema.js';
import { cancelled } from '../output/cancelled.js';
import type { GatherError } from '../output/errors.js';
import { withoutPasswords } from '../output/passwords.js';

/** Asks a person one question at a time on the terminal. Throws CANCELLED on Ctrl-C or `signal`; nothing has been written then. */
export class Interview {
  private group = '';

  constructor(
    private readonly write: (text: string) => void,
    private readonly signal: AbortSignal,
  ) {}

  /**
   * @param problem why an answer will not do
   * @param isFresh the initial value was generated just now, and is not known to the person yet
   */
  async variable(
    variable: VariableSpec,
    initial: string,
    problem: (answer: string) => string | undefined,
    isFresh = false,
  ): Promise<string> {
    if (this.group === '')
      this.write('Enter takes the value that is shown. Nothing is written before the last answer.\n');
    if (variable.group !== this.group) this.write(`\n${variable.group}\n`);
    this.group = variable.group;
    const message = `${variable.ask} (${variable.name})`;
    const validate = (value: string) => unseen(value) ?? problem(value) ?? true;
    if (variable.secret ? !isPlainUrl(variable, initial) : withoutPasswords(initial) !== initial)
      return this.secret(
        `${message}, Enter ${isFresh ? 'makes a strong one' : 'keeps the present one'}`,
        initial,
        validate,
      );
    if (variable.type === 'boolean') {
      const before = initial.toLowerCase();
      const answer = String(
        await this.ask({
          type: 'toggle',
          message,
          initial: before === 'true',
          active: 'true',
          inactive: 'false',
        }),
      );
      return answer === before ? initial : answer;
    }
    if (variable.type === 'choice' || variable.type === 'secrets-backend') {
      const values = variable.choices ?? ['', ...backendNames()];
      const all = values.includes(initial) ? values : [initial, ...values];
      return String(
        await this.ask({
          type: 'select',
          message,
          initial: all.indexOf(initial),
          choices: all.map((value) => ({ title: value || '(none)', value })),
        }),
      );
    }
    return String(await this.ask({ type: 'text', message, initial, validate }));
  }

  /** A free text, such as a setting of a secrets backend. */
  async text(message: string, initial: string, secret = false): Promise<string> {
    const validate = (value: string) => unseen(value) ?? true;
    if (secret) return this.secret(message, initial, validate);
    return String(await this.ask({ type: 'text', message, initial, validate }));
  }

  async choice(
    message: string,
    choices: { title: string; description?: string; value: string }[],
    initial: string,
  ): Promise<string> {
    return String(
      await this.ask({
        type: 'select',
        message,
        choices,
        initial: Math.max(
          0,
          choices.findIndex((choice) => choice.value === initial),
        ),
      }),
    );
  }

  private ask(question: Question): Promise<unknown> {
    return ask(question, this.signal);
  }

  private async secret(
    message: string,
    initial: string,
    validate: (value: string) => true | string,
  ): Promise<string> {
    const answer = String(
      await this.ask({
        type: 'password',
        message,
        validate: (value: string) => value === '' || validate(value),
      }),
    );
    return answer === '' ? initial : answer;
  }
}

/** prompts takes a key that it does not know, such as Ctrl-U, for a letter, and shows nothing. */
function unseen(value: string): string | undefined {
  return /[\x00-\x1f\x7f]/.test(value)
    ? 'a key was pressed that is no letter: delete it with Backspace'
    : undefined;
}

/** A URL that has no password in it may be shown and edited. */
function isPlainUrl(variable: VariableSpec, value: string): boolean {
  return variable.url !== undefined && URL.canParse(value) && new URL(value).password === '';
}

/** A yes or no. Throws CANCELLED when the person leaves, or `signal` says so. */
export async function confirm(message: string, signal: AbortSignal, initial = false): Promise<boolean> {
  return Boolean(await ask({ type: 'confirm', message, initial }, signal));
}

type Question = Omit<prompts.PromptObject, 'name'>;

/** The part of prompts that is on the screen. Ctrl-C calls this, too: it gives the terminal back. */
interface OnScreen {
  abort(): void;
}

async function ask(question: Question, signal: AbortSignal): Promise<unknown> {
  const { default: prompt } = await import('prompts');
  let shown: OnScreen | undefined;
  const leave = () => shown?.abort();
  signal.addEventListener('abort', leave, { once: true });
  try {
    if (signal.aborted) throw left();
    const { answer } = await prompt(
      {
        ...question,
        name: 'answer',
        stdout: process.stderr,
        onRender(this: OnScreen) {
          shown = this;
        },
      } as prompts.PromptObject<'answer'>,
      {
        onCancel: () => {
          throw left();
        },
      },
    );
    return answer;
  } finally {
    signal.removeEventListener('abort', leave);
  }
}

function left(): GatherError {
  return cancelled('cancelled; nothing was changed');
}

import { setMaxListeners } from 'node:events';
import { constants } from 'node:os';
import { cancelled } from './cancelled.js';
import type { GatherError } from './errors.js';

export const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
export type SignalName = (typeof SIGNALS)[number];

/** What a shell makes of a process that this signal has ended: 130, 143, 129. */
const exitCodeOf = (name: SignalName) => 128 + constants.signals[name];

/**
 * The way of a signal: a command that asked for it is told to end, and ends by itself; any other one ends at once, as does one
 * that is told twice. Files are written in one go between two turns of the event loop: none is cut in half.
 */
export class Interruption {
  readonly #controller = new AbortController();
  readonly #end: (exitCode: number, error?: GatherError) => void;
  #isHeeded = false;
  #came: SignalName | undefined;

  /** @param end ends the process: with an error where there is time for one. */
  constructor(end: (exitCode: number, error?: GatherError) => void) {
    this.#end = end;
    // each question that is under way listens, and a stack has more than ten containers
    setMaxListeners(0, this.#controller.signal);
  }

  /** Who asks for it has to heed it. */
  get signal(): AbortSignal {
    this.#isHeeded = true;
    return this.#controller.signal;
  }

  receive(name: SignalName): void {
    const exitCode = exitCodeOf(name);
    const isAgain = this.#came !== undefined;
    this.#came ??= name;
    if (isAgain) this.#end(exitCode);
    else if (this.#isHeeded) this.#controller.abort();
    else this.#end(exitCode, cancelled(`stopped by ${name}`));
  }

  /** The exit code of a command: one that was stopped ends with what tells by which signal. */
  exitCode(code: number): number {
    return this.#came && code === exitCodeOf('SIGINT') ? exitCodeOf(this.#came) : code;
  }
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtomic } from './files.js';

/** What a stack is made of, as gather.yaml says it. */
export interface Choice {
  topology: string;
  airflow: string;
  components: string[];
}

/** What `.env` was last brought in step with. No secret is in it, nor anything that one could be found from. */
export interface Applied {
  /**
   * Whose defaults `.env` may hold. It is one, but while a change of gather.yaml is being written: then both, so that a command
   * that was killed can be repeated, or undone, by the next one.
   */
  choices: Choice[];
  /** Component → variable → the value that gather wrote because nobody said another: no secret, nothing that follows from others. */
  defaults: Record<string, Record<string, string>>;
  /** Set by the init that made `.env` anew, secrets and all: its project id, and when (ISO time). Older data is not its own. */
  made?: { id: string; at: string } | undefined;
}

const FILE = 'applied.json';

/** Undefined when there is none, or none that can be read: gather's own folder may be deleted at any time. */
export function readApplied(stateFolder: string): Applied | undefined {
  try {
    const read = JSON.parse(readFileSync(join(stateFolder, FILE), 'utf8')) as Partial<Applied>;
    const isWhole =
      Array.isArray(read.choices) &&
      read.choices.every(isChoice) &&
      typeof read.defaults === 'object' &&
      read.defaults !== null;
    return isWhole ? (read as Applied) : undefined;
  } catch {
    return undefined;
  }
}

export function writeApplied(stateFolder: string, applied: Applied): void {
  writeAtomic(join(stateFolder, FILE), `${JSON.stringify(applied, null, 1)}\n`);
}

export function sameChoice(a: Choice, b: Choice): boolean {
  return textOf(a) === textOf(b);
}

function textOf({ topology, airflow, components }: Choice): string {
  return JSON.stringify([topology, airflow, components]);
}

function isChoice(value: unknown): value is Choice {
  const { topology, airflow, components } = (value ?? {}) as Partial<Choice>;
  return typeof topology === 'string' && typeof airflow === 'string' && Array.isArray(components);
}

import { accessSync, constants, readdirSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { debianMirror } from '../../machine/apt.js';
import { shellQuoted } from '../../output/quoting.js';

/** The machine whose settings a build is to have. */
export interface Host {
  env: NodeJS.ProcessEnv;
  home: string;
  /** `/etc`, and the `etc` of what is installed under `/usr`. */
  etc: string;
  usr: string;
  /** Where its apt takes Debian from. */
  debianMirror(): Promise<string | undefined>;
}

export function thisMachine(): Host {
  const { env } = process;
  return { env, home: env.HOME || homedir(), etc: '/etc', usr: '/usr', debianMirror };
}

/** What a client of one ecosystem needs: a file of the machine as it is, or a text that gather makes of its settings. */
export type Secret = { id: string; file: string } | { id: string; text: string };

/** Settings of one ecosystem, as BuildKit secrets; none where the machine has no settings of its own. */
export type Ecosystem = (host: Host) => Secret[] | Promise<Secret[]>;

/** One secret, unless its text is empty. */
export function secretText(id: string, text: string): Secret[] {
  return text === '' ? [] : [{ id, text }];
}

/** `export NAME='value'` lines for a shell. */
export function exportLines(settings: Iterable<readonly [string, string]>): string {
  return [...settings].map(([name, value]) => `export ${name}=${shellQuoted(value)}\n`).join('');
}

/** The text of a file; nothing when it is missing, a folder, or not for our eyes. */
export function readIf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

/** BuildKit takes files only, and fails on one that it cannot read. */
export function isReadable(file: string | undefined): file is string {
  if (!file) return false;
  try {
    accessSync(file, constants.R_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

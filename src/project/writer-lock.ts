import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cancelled } from '../output/cancelled.js';
import { orFileFailed } from './files.js';

/** How often somebody who waits looks. */
const LOOK_MS = 25;
/** After so long a person hears that they wait, and for whom. */
const SAY_MS = 1000;
/** Nobody writes a project for so long: who holds the lock longer is stopped, or on another machine and gone. */
const LONGEST_MS = 60_000;
/** Between the making of a ticket and its text. */
const EMPTY_MS = 2000;

const FREE = '.free';

/** A place in the queue that is held; nobody else has one that is as high. */
export interface HeldLock {
  /** False when another took the lock because this process stood still for a minute. */
  holds(): boolean;
  release(): void;
}

export interface Waiting {
  signal?: AbortSignal | undefined;
  /** Hears once that it takes longer than a second. */
  onWait?: ((holder: string) => void) | undefined;
}

/**
 * Takes the lock whose tickets are in `folder`, and waits for whoever has it. Throws CANCELLED after the signal.
 *
 * Each ticket has a number, and the highest counts: who finds it free, or its holder dead, makes the next one (`wx`: one
 * maker). A number is never used twice, for the highest ticket stays; so the lock of a killed process is taken over at once, and
 * never by two, which a lock file that is deleted and made anew cannot promise.
 */
export async function takeLock(folder: string, { signal, onWait }: Waiting = {}): Promise<HeldLock> {
  const since = Date.now();
  let said = false;
  for (;;) {
    if (signal?.aborted) throw cancelled('stopped while another gather was writing this project');
    const taken = orFileFailed('lock', folder, () => attempt(folder));
    if (typeof taken !== 'string') return taken;
    if (!said && Date.now() - since >= SAY_MS) {
      said = true;
      onWait?.(taken);
    }
    await sleep(LOOK_MS, undefined, { signal }).catch(() => {});
  }
}

/** The lock, or who has it. */
function attempt(folder: string): HeldLock | string {
  mkdirSync(folder, { recursive: true });
  const highest = tickets(folder).at(-1);
  if (highest && !highest.isFree) {
    const holder = holderOf(join(folder, highest.name));
    if (holder !== undefined) return holder;
  }
  const number = (highest?.number ?? 0) + 1;
  const path = join(folder, String(number));
  if (!make(path)) return 'another gather';
  const others = tickets(folder).filter((one) => one.name !== String(number));
  if (others.some((one) => one.number >= number)) {
    // who looked longest ago made a number that was used and cleared away since
    rmSync(path, { force: true });
    return 'another gather';
  }
  for (const { name } of others) rmSync(join(folder, name), { force: true });
  return {
    holds: () => tickets(folder).at(-1)?.name === String(number),
    release: () => {
      try {
        // (a rename would follow nobody: should the ticket be gone, another has the lock)
        closeSync(openSync(join(folder, `${number}${FREE}`), 'wx'));
        rmSync(path, { force: true });
      } catch {
        // the folder is gone, or can no longer be written: the next finds that this process has ended
      }
    },
  };
}

/** In the order of their numbers; of one number the one that is free comes last. */
function tickets(folder: string): { name: string; number: number; isFree: boolean }[] {
  return readdirSync(folder)
    .filter((name) => /^\d+(\.free)?$/.test(name))
    .map((name) => ({ name, number: Number.parseInt(name, 10), isFree: name.endsWith(FREE) }))
    .sort((a, b) => a.number - b.number || Number(a.isFree) - Number(b.isFree));
}

function make(path: string): boolean {
  try {
    const file = openSync(path, 'wx', 0o600);
    writeSync(file, `${process.pid} ${hostname()}`);
    closeSync(file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Who holds a ticket; undefined when nobody does any more. */
function holderOf(path: string): string | undefined {
  let text: string;
  let age: number;
  try {
    text = readFileSync(path, 'utf8');
    age = Date.now() - statSync(path).mtimeMs;
  } catch {
    // it was given back just now
    return 'another gather';
  }
  const [pid, host] = text.split(' ');
  if (!pid) return age < EMPTY_MS ? 'another gather' : undefined;
  if (age > LONGEST_MS) return undefined;
  if (host === hostname() && !isAlive(Number(pid))) return undefined;
  return `process ${pid}`;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

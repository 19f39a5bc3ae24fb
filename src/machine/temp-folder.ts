import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder of this process alone, which nobody else may read. */
export interface TempFolder {
  path: string;
  /** Removes it now. */
  dispose(): void;
  /** Leaves it to whoever comes after this process. */
  keep(): void;
}

/** Those that go with the process, however many: one listener does for all. */
const ours = new Set<string>();

function removeAll(): void {
  for (const path of ours) rmSync(path, { recursive: true, force: true });
}

/** Makes a folder that is gone when the process is, however that ends, short of a kill -9: see `clearAbandoned`. */
export function tempFolder(prefix: string): TempFolder {
  const path = mkdtempSync(join(tmpdir(), `${prefix}${process.pid}-`));
  const keep = () => {
    ours.delete(path);
    if (ours.size === 0) process.removeListener('exit', removeAll);
  };
  const dispose = () => {
    keep();
    rmSync(path, { recursive: true, force: true });
  };
  if (ours.size === 0) process.once('exit', removeAll);
  ours.add(path);
  return { path, dispose, keep };
}

/** Removes the folders of this prefix whose processes are gone without having done so. Never throws. */
export function clearAbandoned(prefix: string): void {
  for (const name of namesIn(tmpdir())) {
    const pid = name.startsWith(prefix) ? /^(\d+)-/.exec(name.slice(prefix.length))?.[1] : undefined;
    if (pid === undefined || isThere(Number(pid))) continue;
    const path = join(tmpdir(), name);
    try {
      if (statSync(path).uid === process.getuid?.()) rmSync(path, { recursive: true, force: true });
    } catch {
      // somebody else was first, or it is for nobody here to remove
    }
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

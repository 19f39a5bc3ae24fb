import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

/** Folder for what can be found out again: $XDG_CACHE_HOME/gather or ~/.cache/gather. */
export function cacheDir(env: NodeJS.ProcessEnv = process.env): string {
  return join(env.XDG_CACHE_HOME || join(env.HOME || homedir(), '.cache'), 'gather');
}

/**
 * The version that a program prints, such as `2.26.1`; nothing when it does not run. Starting Compose takes 50 ms and
 * more, so the answer is kept until the file changes.
 */
export async function versionOf(
  program: string,
  args: string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<string | undefined> {
  let key: string;
  try {
    const { mtimeMs, size } = statSync(program);
    key = `${program} ${mtimeMs} ${size}`;
  } catch {
    return undefined;
  }
  const file = join(cacheDir(env), 'tools.json');
  const known = readCache(file);
  if (known[key] !== undefined) return known[key];
  const version = await printedVersion(program, args);
  if (version !== undefined) writeCache(file, { ...readCache(file), [key]: version });
  return version;
}

/** Runs the program and takes the first dotted number that it prints. */
export async function printedVersion(program: string, args: string[]): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)(program, args, { timeout: 10_000 });
    return stdout.match(/\d+\.\d+(\.\d+)?/)?.[0];
  } catch {
    return undefined;
  }
}

function readCache(file: string): Record<string, string> {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;
  } catch {
    return {};
  }
}

/** A cache that cannot be written is no fault: the next run asks again. */
function writeCache(file: string, entries: Record<string, string>): void {
  const newest = Object.fromEntries(Object.entries(entries).slice(-20));
  const partial = `${file}.${process.pid}`;
  try {
    mkdirSync(dirname(partial), { recursive: true });
    writeFileSync(partial, `${JSON.stringify(newest, null, 2)}\n`);
    renameSync(partial, file);
  } catch {}
}

import { existsSync, readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { textOrNone } from '../../machine/read-file.js';
import type { ManagedPaths } from './paths.js';

/** The command line of a process; nothing when it is gone or a zombie. */
function commandLine(pid: number): string[] {
  return textOrNone(`/proc/${pid}/cmdline`).split('\0').filter(Boolean);
}

/**
 * The process id of our dockerd, if it runs. A pid file alone proves nothing, for pids are used again after a reboot, and
 * a dockerd that has just been started has none yet.
 */
export function daemonPid(paths: ManagedPaths): number | undefined {
  const pid = Number.parseInt(textOrNone(paths.pidFile), 10);
  if (Number.isInteger(pid) && isOurDaemon(pid, paths)) return pid;
  return allPids().find((one) => isOurDaemon(one, paths));
}

/** True when this process is the dockerd of these paths. */
export function isOurDaemon(pid: number, paths: ManagedPaths): boolean {
  const words = commandLine(pid);
  return basename(words[0] ?? '') === 'dockerd' && words.includes(paths.pidFile);
}

/** True while the process is there and no zombie. Its command line would not do: it is empty for a moment while it execs. */
export function isAlive(pid: number): boolean {
  const stat = textOrNone(`/proc/${pid}/stat`);
  // The state comes after the program's name, which is in parentheses and may hold any character.
  return stat !== '' && !/^\) [ZX]/.test(stat.slice(stat.lastIndexOf(')')));
}

/** Process ids of our containerd and its shims: they name our exec folder in their arguments. */
export function helperPids(paths: ManagedPaths): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      const [program = '', ...args] = commandLine(pid);
      return (
        basename(program).startsWith('containerd') && args.some((arg) => arg.startsWith(`${paths.exec}/`))
      );
    });
}

/** The process id of our containerd itself, without its shims. */
export function containerdPid(paths: ManagedPaths): number | undefined {
  return helperPids(paths).find((pid) => basename(commandLine(pid)[0] ?? '') === 'containerd');
}

function allPids(): number[] {
  if (!existsSync('/proc')) return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** Waits until `condition` is true, asking every 50 ms; false when the time is over. Throws when `signal` is aborted. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<boolean> {
  const end = Date.now() + timeoutMs;
  while (!(await condition())) {
    signal?.throwIfAborted();
    if (Date.now() > end) return false;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return true;
}

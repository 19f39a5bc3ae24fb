import { composeInherit, composeLines, type Stack } from '../engine/compose.js';
import type { Event } from '../output/events.js';
import type { Result } from '../output/output.js';
import type { Context } from './command.js';

/** Compose's option for a command without a terminal of its own; none where a person sits at one. */
export function ttyOptions({ output }: Context): string[] {
  return process.stdin.isTTY && process.stdout.isTTY && output.format === 'text' ? [] : ['-T'];
}

interface Passing {
  /** What a line tells. */
  read?: (line: string) => Event;
  /** How it is run for a person. */
  run?: (stack: Stack, args: string[]) => Promise<number>;
}

/**
 * Runs a Compose command whose output is what was asked for: as it is for a person; with `--output json` each line of it as an event,
 * and its exit code as the result.
 */
export async function passThrough(
  { output, signal }: Context,
  stack: Stack,
  args: string[],
  { read = (text) => ({ type: 'log', source: '', text }), run = composeInherit }: Passing = {},
): Promise<Result> {
  if (output.format === 'json') {
    const exitCode = await composeLines(stack, args, (line) => output.event(read(line)), 'inherit');
    return { data: { exitCode }, exitCode };
  }
  try {
    return { exitCode: await run(stack, args) };
  } catch (error) {
    // that is how one leaves it: nothing to tell
    if (signal.aborted) return { exitCode: 130 };
    throw error;
  }
}

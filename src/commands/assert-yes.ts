import { GatherError } from '../output/errors.js';
import type { Context } from './command.js';

/** Throws NEEDS_YES, with what was left as it is, unless a person or `--yes` says that it is to be done. */
export async function assertYes(
  context: Context,
  question: string,
  otherwise: string,
  more: { details?: string[]; hints: string[] },
): Promise<void> {
  if (context.yes) return;
  const { confirm } = await import('../setup/ask.js');
  if (!context.interactive || !(await confirm(question, context.signal)))
    throw new GatherError('NEEDS_YES', otherwise, more);
}

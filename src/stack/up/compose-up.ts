import { composeCommand, composeOptions, type Stack } from '../../engine/compose.js';
import { GatherError } from '../../output/errors.js';
import { lastLines } from '../../output/text.js';
import { engineCause } from './diagnosis.js';

/** `docker compose up` on its way. */
export interface ComposeUp {
  /** In ms since the epoch. */
  endedAt: number | undefined;
  /** Resolves then. */
  ended: Promise<void>;
  /** What it said when it could not start the stack; a container's own end says more, where there is one. */
  error: GatherError | undefined;
}

/** Starts `docker compose up` and hands back what becomes of it. @param clean takes secrets out of what it says. */
export function startCompose(stack: Stack, clean: (text: string) => string, signal: AbortSignal): ComposeUp {
  const compose: ComposeUp = { endedAt: undefined, ended: Promise.resolve(), error: undefined };
  compose.ended = run(stack, clean, signal).then((error) => {
    Object.assign(compose, { endedAt: Date.now(), error });
  });
  return compose;
}

async function run(
  stack: Stack,
  clean: (text: string) => string,
  signal: AbortSignal,
): Promise<GatherError | undefined> {
  const { execa } = await import('execa');
  const leftOut = (stack.without ?? []).flatMap((service) => ['--scale', `${service}=0`]);
  const args = ['up', '--detach', '--no-build', '--remove-orphans', '--quiet-pull', ...leftOut];
  const result = await execa(...composeCommand(stack, args), {
    ...composeOptions(stack),
    stdin: 'ignore',
    all: true,
    cancelSignal: signal,
    forceKillAfterDelay: 3000,
  });
  if (result.exitCode === 0 || result.isCanceled) return undefined;
  const said = clean(String(result.all));
  const known = engineCause(said);
  return new GatherError(
    'STACK_UNHEALTHY',
    `docker compose could not start the stack${known ? `: ${known.means}` : ''}`,
    {
      details: lastLines(said, 10),
      hints: [...(known?.hints ?? []), 'gather logs', 'gather status'].slice(0, 3),
    },
  );
}

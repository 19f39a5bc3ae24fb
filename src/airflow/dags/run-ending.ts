import type { RunOutcome } from './run.js';

/** How a run has ended, as a person reads it: in the first line all that counts. */
export function dagEnding({ dag, state, seconds, tasks, failures }: RunOutcome): string {
  if (state === 'success') return `${dag} succeeded in ${seconds.toFixed(1)} s`;
  const names = failures.map((one) => one.task).join(', ');
  const after = tasks.filter((task) => task.state === 'upstream_failed').length;
  return [
    `${dag} FAILED after ${seconds.toFixed(1)} s${names ? `: ${names}` : ''}${after ? ` (${after} more did not run because of it)` : ''}`,
    ...failures.flatMap(({ task, log }) => log.map((line) => `  [${task}] ${line}`)),
  ].join('\n');
}

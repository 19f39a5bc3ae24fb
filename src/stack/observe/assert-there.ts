import { GatherError } from '../../output/errors.js';
import type { StackContainer } from './containers.js';

type Listed = Pick<StackContainer, 'service' | 'state'>;

/** Throws STACK_NOT_RUNNING when the stack has no container, or one of the named services has none. */
export function assertThere(containers: Listed[], stack: string, services: string[]): void {
  if (containers.length === 0) throw notRunning(`${stack} does not run`);
  const missing = services.filter((name) => !containers.some((one) => one.service === name));
  if (missing.length > 0) throw notRunning(`there is no container of ${missing.join(', ')}`);
}

/** The same, and when no service is named and nothing runs: what is stopped has to be started in its order. */
export function assertRuns(containers: Listed[], stack: string, services: string[]): void {
  assertThere(containers, stack, services);
  const isStopped = ({ state }: Listed) => ['created', 'exited', 'done', 'missing'].includes(state);
  if (services.length === 0 && containers.every(isStopped)) throw notRunning(`nothing of ${stack} runs`);
}

function notRunning(message: string): GatherError {
  return new GatherError('STACK_NOT_RUNNING', message, { hints: ['gather up', 'gather status'] });
}

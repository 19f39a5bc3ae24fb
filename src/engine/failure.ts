import { cancelled } from '../output/cancelled.js';
import { GatherError } from '../output/errors.js';
import { withoutPasswords } from '../output/passwords.js';
import type { Engine } from './engine.js';
import { NoAnswer } from './patience.js';

/** What dockerode throws for an answer that is no success. */
interface Refusal {
  statusCode?: number;
  reason?: string;
  json?: { message?: string } | null;
  code?: string;
  message: string;
}

/** What asks an engine in vain is told in no other way: ENGINE_FAILED with what to do, or CANCELLED after `signal`. */
export function engineFailed(engine: Engine, error: unknown, signal?: AbortSignal): GatherError {
  if (signal?.aborted) return cancelled('stopped while the Docker Engine was asked', error);
  if (error instanceof GatherError) return error;
  const refusal = error as Refusal;
  const message =
    refusal.statusCode === undefined
      ? `the Docker Engine does not answer: ${inWords(refusal)}`
      : `the Docker Engine at ${withoutPasswords(engine.host)} says: ${refusal.json?.message ?? saidIn(refusal)}`;
  const again = engine.kind === 'managed' ? 'gather engine stop && gather engine start' : 'docker info';
  return new GatherError('ENGINE_FAILED', message, {
    hints: ['gather engine status', again],
    cause: error,
  });
}

/** dockerode puts the status and its own words before what an engine says of a stream. */
function saidIn({ message }: Refusal): string {
  return message.replace(/^\(HTTP code \d+\) [^-]* - /, '').trim();
}

/** What answers with a success and says something else than an engine would. */
export class NoEngine extends Error {
  constructor() {
    super('something answers there, but it is not a Docker Engine');
  }
}

function inWords(error: Refusal): string {
  if (error instanceof NoAnswer || error instanceof NoEngine) return error.message;
  if (error.code?.startsWith('HPE_')) return new NoEngine().message;
  if (error.code === 'ECONNRESET') return 'it closes the connection';
  if (error.code === 'ECONNREFUSED') return 'nothing listens there any more';
  if (error.code === 'ENOENT') return 'its socket is gone';
  return error.message;
}

/** The HTTP status with which the engine refused; undefined for any other error. */
function statusOf(error: unknown): number | undefined {
  return error instanceof GatherError ? (error.cause as Refusal | undefined)?.statusCode : undefined;
}

/** True when the engine says that there is no such thing. */
export function isNotFound(error: unknown): boolean {
  return statusOf(error) === 404;
}

/** True for an engine that is broken or not there, and for a question to it that was stopped: nothing else can be known then. */
export function isOfEngine(error: unknown): boolean {
  return error instanceof GatherError && (error.code === 'ENGINE_FAILED' || error.code === 'CANCELLED');
}

/** The answer, or undefined where the engine refuses: there is no such thing, or it is in use. That it is broken still throws. */
export async function unlessRefused<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    const status = statusOf(error);
    if (status !== undefined && status >= 400 && status < 500) return undefined;
    throw error;
  }
}

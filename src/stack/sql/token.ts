import { cancelled } from '../../output/cancelled.js';
import { GatherError } from '../../output/errors.js';
import { send } from './send.js';
import type { SqlLogin } from './server.js';

/** Of its life, a token is not used for the last seconds. */
const SPARE_MS = 30_000;
const ANSWER_MS = 20_000;

/**
 * Gives a token by client credentials (https://www.rfc-editor.org/rfc/rfc6749#section-4.4), the same one while it lives.
 * @throws STACK_NOT_RUNNING where nothing answers, QUERY_FAILED where it is refused, CANCELLED
 */
export function tokensOf(login: SqlLogin, signal: AbortSignal): () => Promise<string> {
  let kept = { token: '', until: 0 };
  return async () => {
    if (Date.now() >= kept.until) kept = await fresh(login, signal);
    return kept.token;
  };
}

async function fresh(login: SqlLogin, signal: AbortSignal): Promise<{ token: string; until: number }> {
  const { status, text } = await askFor(login, signal);
  if (status !== 200)
    throw new GatherError('QUERY_FAILED', `${login.token} gives ${login.client} no token: ${status}`, {
      hints: ['gather up'],
    });
  const { access_token, expires_in } = JSON.parse(text) as { access_token: string; expires_in: number };
  return { token: access_token, until: Date.now() + expires_in * 1000 - SPARE_MS };
}

async function askFor(
  { token, client, secret }: SqlLogin,
  signal: AbortSignal,
): Promise<{ status: number; text: string }> {
  const form = { grant_type: 'client_credentials', client_id: client, client_secret: secret };
  try {
    return await send(token, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(form).toString(),
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]),
    });
  } catch (error) {
    if (signal.aborted) throw cancelled('the query was stopped', error);
    throw new GatherError(
      'STACK_NOT_RUNNING',
      `nothing answers at ${new URL(token).origin}, which is to give a token`,
      {
        hints: ['gather up', 'gather status'],
        cause: error,
      },
    );
  }
}

import { backendKwargs, backendSettings } from '../airflow/secrets-backends.js';
import { GatherError } from '../output/errors.js';
import type { EnvFile } from '../project/dotenv.js';
import type { Interview } from './ask.js';

const BACKEND = 'AIRFLOW__SECRETS__BACKEND';
const KWARGS = 'AIRFLOW__SECRETS__BACKEND_KWARGS';

/**
 * Folds `AIRFLOW__SECRETS__BACKEND_KWARGS.vault_url=…` and its like into the one JSON they belong to.
 * Throws USAGE for a setting that the backend does not have, or one that it needs and nobody gave.
 */
export async function splitBackendSettings(set: Map<string, string>, env: EnvFile): Promise<Map<string, string>> {
  const given = new Map([...set].filter(([name]) => !name.startsWith(`${KWARGS}.`)));
  const answers = Object.fromEntries([...set].filter(([name]) => name.startsWith(`${KWARGS}.`)).map(([name, value]) => [name.slice(KWARGS.length + 1), value]));
  const backend = given.get(BACKEND) ?? env.get(BACKEND) ?? '';
  const isNew = given.has(BACKEND) && given.get(BACKEND) !== env.get(BACKEND);
  if (Object.keys(answers).length === 0 && !(isNew && backend && !given.has(KWARGS))) return given;

  const settings = backendSettings(backend);
  const unknown = Object.keys(answers).find((key) => settings.length > 0 && !settings.some((setting) => setting.key === key));
  if (unknown)
    throw new GatherError('USAGE', `${backend} has no setting "${unknown}"`, {
      hints: [`it has: ${settings.map((setting) => setting.key).join(', ')}`],
    });
  const present = isNew ? {} : presentKwargs(env);
  const all = { ...present, ...answers };
  const missing = settings.filter((setting) => setting.default === undefined && !setting.optional && !all[setting.key]);
  if (missing.length && !process.stdin.isTTY)
    throw new GatherError('USAGE', `${backend} needs ${missing.map((setting) => setting.key).join(', ')}`, {
      hints: missing.slice(0, 3).map((setting) => `gather init --set ${KWARGS}.${setting.key}=…`),
    });
  given.set(KWARGS, backendKwargs(settings, all));
  return given;
}

/** Asks for what a secrets backend has to be told, one setting after the other. */
export async function askBackendSettings(
  interview: Interview,
  backend: string,
  env: EnvFile,
  given: Map<string, string>,
): Promise<void> {
  const settings = backendSettings(backend);
  if (settings.length === 0) return;
  const present = presentKwargs(env);
  const answers: Record<string, string> = {};
  for (const { key, ask, default: initial, secret } of settings)
    answers[key] = await interview.text(`${ask} (${key})`, present[key] ?? initial ?? '', secret);
  given.set(KWARGS, backendKwargs(settings, answers));
}

function presentKwargs(env: EnvFile): Record<string, string> {
  try {
    return JSON.parse(env.get(KWARGS) || '{}') as Record<string, string>;
  } catch {
    return {};
  }
}

import { backendKwargs, backendSettings } from '../airflow/settings/secrets-backends.js';
import { GatherError } from '../output/errors.js';
import type { EnvFile } from '../project/dotenv.js';
import type { Interview } from './ask.js';

const BACKEND = 'AIRFLOW__SECRETS__BACKEND';
const KWARGS = 'AIRFLOW__SECRETS__BACKEND_KWARGS';

/**
 * Folds `AIRFLOW__SECRETS__BACKEND_KWARGS.vault_url=…` and its like into the one JSON they belong to.
 * Asks for what the backend needs besides; throws USAGE where nobody can be asked, and for a setting that it does not have.
 */
export async function splitBackendSettings(
  set: Map<string, string>,
  env: EnvFile,
  interview?: Interview,
): Promise<Map<string, string>> {
  const given = new Map([...set].filter(([name]) => !name.startsWith(`${KWARGS}.`)));
  const answers = Object.fromEntries(
    [...set]
      .filter(([name]) => name.startsWith(`${KWARGS}.`))
      .map(([name, value]) => [name.slice(KWARGS.length + 1), value]),
  );
  const backend = given.get(BACKEND) ?? env.get(BACKEND) ?? '';
  const isNew = given.has(BACKEND) && given.get(BACKEND) !== env.get(BACKEND);
  if (Object.keys(answers).length === 0 && !(isNew && backend && !given.has(KWARGS))) return given;

  if (!backend)
    throw new GatherError('USAGE', `${KWARGS} belongs to a secrets backend, and there is none`, {
      hints: [`gather init --set ${BACKEND}=…`],
    });
  const settings = backendSettings(backend);
  const unknown = Object.keys(answers).find(
    (key) => settings.length > 0 && !settings.some((setting) => setting.key === key),
  );
  if (unknown)
    throw new GatherError('USAGE', `${backend} has no setting "${unknown}"`, {
      hints: [`it has: ${settings.map((setting) => setting.key).join(', ')}`],
    });
  const present = isNew ? {} : presentKwargs(env);
  const all = { ...present, ...answers };
  const missing = settings.filter(
    (setting) => setting.default === undefined && !setting.optional && !all[setting.key],
  );
  if (missing.length && interview) await askBackendSettings(interview, backend, env, given, all);
  else if (missing.length)
    throw new GatherError('USAGE', `${backend} needs ${missing.map((setting) => setting.key).join(', ')}`, {
      hints: missing.slice(0, 3).map((setting) => `gather init --set ${KWARGS}.${setting.key}=…`),
    });
  else given.set(KWARGS, backendKwargs(settings, all));
  return given;
}

/** Asks for what a secrets backend has to be told, one setting after the other. */
export async function askBackendSettings(
  interview: Interview,
  backend: string,
  env: EnvFile,
  given: Map<string, string>,
  known: Record<string, unknown> = backend === env.get(BACKEND) ? presentKwargs(env) : {},
): Promise<void> {
  const settings = backendSettings(backend);
  if (settings.length === 0) return;
  const answers = { ...known };
  for (const { key, ask, default: initial, secret } of settings)
    if (ask)
      answers[key] = await interview.text(`${ask} (${key})`, String(known[key] ?? initial ?? ''), secret);
  given.set(KWARGS, backendKwargs(settings, answers));
}

function presentKwargs(env: EnvFile): Record<string, unknown> {
  try {
    return JSON.parse(env.get(KWARGS) || '{}') as Record<string, unknown>;
  } catch {
    return {};
  }
}

import { describe, expect, test } from 'vitest';
import { EnvFile } from '../../src/project/dotenv.js';
import { splitBackendSettings } from '../../src/setup/secrets-backend.js';

const BACKEND = 'AIRFLOW__SECRETS__BACKEND';
const KWARGS = 'AIRFLOW__SECRETS__BACKEND_KWARGS';
const AZURE = 'airflow.providers.microsoft.azure.secrets.key_vault.AzureKeyVaultBackend';
const FOUR = { vault_url: 'https://v', tenant_id: 't', client_id: 'c', client_secret: 's' };

async function split(set: Record<string, string>, text = '') {
  const given = await splitBackendSettings(new Map(Object.entries(set)), EnvFile.parse(text, '.env'));
  return { given: Object.fromEntries(given), kwargs: JSON.parse(given.get(KWARGS) ?? 'null') as unknown };
}
const settings = (values: Record<string, string>) =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [`${KWARGS}.${key}`, value]));

describe('the settings of a secrets backend', () => {
  test('become one JSON', async () => {
    const { given, kwargs } = await split({ PG_USER: 'me', [BACKEND]: AZURE, ...settings(FOUR) });
    expect(Object.keys(given)).toEqual(['PG_USER', BACKEND, KWARGS]);
    expect(kwargs).toEqual({ ...FOUR, connections_prefix: 'af-conns', variables_prefix: 'af-vars' });
  });

  test('change one by one, and the others stay, also those that somebody added by hand', async () => {
    const text = `${BACKEND}=${AZURE}\n${KWARGS}='${JSON.stringify({ ...FOUR, added: 1 })}'\n`;
    const { kwargs } = await split(settings({ client_secret: 'new' }), text);
    expect(kwargs).toEqual({
      ...FOUR,
      client_secret: 'new',
      connections_prefix: 'af-conns',
      variables_prefix: 'af-vars',
      added: 1,
    });
  });

  test('of another backend do not carry over', async () => {
    const text = `${BACKEND}=${AZURE}\n${KWARGS}='${JSON.stringify(FOUR)}'\n`;
    const { kwargs } = await split(
      { [BACKEND]: 'airflow.secrets.local_filesystem.LocalFilesystemBackend' },
      text,
    );
    expect(Object.keys(kwargs as object)).toEqual(['variables_file_path', 'connections_file_path']);
  });

  test('are left alone when nothing is said about them', async () => {
    const text = `${BACKEND}=${AZURE}\n${KWARGS}='{"vault_url":"by hand"}'\n`;
    expect((await split({ PG_USER: 'me' }, text)).given).toEqual({ PG_USER: 'me' });
    expect((await split({ [BACKEND]: AZURE }, text)).given).toEqual({ [BACKEND]: AZURE });
    expect((await split({ [BACKEND]: AZURE, [KWARGS]: '{"a":1}' })).kwargs).toEqual({ a: 1 });
  });

  test('that are needed and not there, or that it does not have, are refused', async () => {
    await expect(
      split({ [BACKEND]: AZURE, ...settings({ vault_url: 'u', tenant_id: 't' }) }),
    ).rejects.toMatchObject({
      code: 'USAGE',
      message: `${AZURE} needs client_id, client_secret`,
      hints: [`gather init --set ${KWARGS}.client_id=…`, `gather init --set ${KWARGS}.client_secret=…`],
    });
    await expect(split({ [BACKEND]: AZURE, ...settings({ ...FOUR, vault: 'u' }) })).rejects.toMatchObject({
      code: 'USAGE',
      message: `${AZURE} has no setting "vault"`,
    });
    await expect(split(settings(FOUR))).rejects.toMatchObject({ code: 'USAGE' });
  });
});

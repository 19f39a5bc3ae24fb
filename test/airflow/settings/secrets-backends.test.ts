import { describe, expect, test } from 'vitest';
import {
  backendKwargs,
  backendNames,
  backendSettings,
} from '../../../src/airflow/settings/secrets-backends.js';

const AZURE = 'airflow.providers.microsoft.azure.secrets.key_vault.AzureKeyVaultBackend';
const kwargs = (backend: string, answers: Record<string, unknown>) =>
  JSON.parse(backendKwargs(backendSettings(backend), answers)) as unknown;
const keysOf = (backend: string) => backendSettings(backend).map((setting) => setting.key);

describe('Azure Key Vault', () => {
  const answers = {
    vault_url: 'https://v.vault.azure.net',
    tenant_id: 't',
    client_id: 'c',
    client_secret: `s"\\'$`,
  };

  test('asks for four things', () => {
    const asked = backendSettings(AZURE).filter((setting) => setting.ask);
    expect(asked.map((setting) => setting.key)).toEqual([
      'vault_url',
      'tenant_id',
      'client_id',
      'client_secret',
    ]);
    expect(asked.filter((setting) => setting.secret).map((setting) => setting.key)).toEqual([
      'client_secret',
    ]);
  });

  test('is told these and the prefixes, and nothing else', () => {
    expect(kwargs(AZURE, answers)).toEqual({
      ...answers,
      connections_prefix: 'af-conns',
      variables_prefix: 'af-vars',
    });
    expect(kwargs(AZURE, { ...answers, connections_prefix: 'mine' })).toMatchObject({
      connections_prefix: 'mine',
    });
  });
});

describe('the other backends', () => {
  const [, VAULT = '', SECRETS_MANAGER = '', PARAMETER_STORE = '', GOOGLE = '', LOCAL = ''] = backendNames();

  test('are the five that Airflow has', () => {
    expect(backendNames().map((name) => name.split('.').pop())).toEqual([
      'AzureKeyVaultBackend',
      'VaultBackend',
      'SecretsManagerBackend',
      'SystemsManagerParameterStoreBackend',
      'CloudSecretManagerBackend',
      'LocalFilesystemBackend',
    ]);
  });

  test('have their own settings and defaults', () => {
    expect(kwargs(VAULT, { url: 'http://vault:8200', token: 't' })).toEqual({
      url: 'http://vault:8200',
      token: 't',
      mount_point: 'airflow',
      connections_path: 'connections',
      variables_path: 'variables',
    });
    expect(kwargs(SECRETS_MANAGER, {})).toEqual({
      connections_prefix: 'airflow/connections',
      variables_prefix: 'airflow/variables',
    });
    expect(kwargs(PARAMETER_STORE, { endpoint_url: 'http://aws:4566' })).toEqual({
      connections_prefix: '/airflow/connections',
      variables_prefix: '/airflow/variables',
      endpoint_url: 'http://aws:4566',
    });
    expect(kwargs(GOOGLE, { project_id: '' })).toEqual({ connections_prefix: 'airflow-connections' });
    expect(kwargs(LOCAL, {})).toEqual({
      variables_file_path: '/opt/airflow/config/variables.json',
      connections_file_path: '/opt/airflow/config/connections.json',
    });
  });

  test("hand Vault's engine version over as a number, which its class insists on", () => {
    expect(kwargs(VAULT, { url: 'u', token: 't', kv_engine_version: '1' })).toMatchObject({
      kv_engine_version: 1,
    });
  });
});

test('a backend is found by its class, too; one that gather does not know keeps what it is told', () => {
  expect(keysOf('my.copy.VaultBackend')).toContain('mount_point');
  expect(keysOf('my.Own')).toEqual([]);
  expect(kwargs('my.Own', { a: 'b' })).toEqual({ a: 'b' });
  expect(kwargs(AZURE, { vault_url: 'v', added_by_hand: 1 })).toMatchObject({ added_by_hand: 1 });
});

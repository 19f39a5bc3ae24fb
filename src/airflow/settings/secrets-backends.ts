/** One setting of a secrets backend, a key of AIRFLOW__SECRETS__BACKEND_KWARGS. */
export interface BackendSetting {
  key: string;
  /** The question; a setting without one has its default, unless the command line says otherwise. */
  ask?: string;
  default?: string;
  secret?: boolean;
  /** Left out of the JSON when empty. */
  optional?: boolean;
  /** The class wants a number, not a text. */
  number?: boolean;
}

/** What each backend is told; the keys are the parameters of its class in the provider's documentation. */
const BACKENDS: Record<string, BackendSetting[]> = {
  'airflow.providers.microsoft.azure.secrets.key_vault.AzureKeyVaultBackend': [
    { key: 'vault_url', ask: 'URL of the key vault' },
    { key: 'tenant_id', ask: 'Tenant id' },
    { key: 'client_id', ask: 'Client id' },
    { key: 'client_secret', ask: 'Client secret', secret: true },
    { key: 'connections_prefix', default: 'af-conns' },
    { key: 'variables_prefix', default: 'af-vars' },
    { key: 'sep', optional: true },
  ],
  'airflow.providers.hashicorp.secrets.vault.VaultBackend': [
    { key: 'url', ask: 'URL of Vault' },
    { key: 'token', ask: 'Token', secret: true },
    { key: 'mount_point', ask: 'Mount point', default: 'airflow' },
    { key: 'connections_path', ask: 'Path of connections', default: 'connections' },
    { key: 'variables_path', ask: 'Path of variables', default: 'variables' },
    { key: 'kv_engine_version', optional: true, number: true },
  ],
  'airflow.providers.amazon.aws.secrets.secrets_manager.SecretsManagerBackend': [
    { key: 'connections_prefix', ask: 'Prefix of connections', default: 'airflow/connections' },
    { key: 'variables_prefix', ask: 'Prefix of variables', default: 'airflow/variables' },
    { key: 'endpoint_url', ask: 'Endpoint (empty for AWS itself)', optional: true },
  ],
  'airflow.providers.amazon.aws.secrets.systems_manager.SystemsManagerParameterStoreBackend': [
    { key: 'connections_prefix', ask: 'Prefix of connections', default: '/airflow/connections' },
    { key: 'variables_prefix', ask: 'Prefix of variables', default: '/airflow/variables' },
    { key: 'endpoint_url', ask: 'Endpoint (empty for AWS itself)', optional: true },
  ],
  'airflow.providers.google.cloud.secrets.secret_manager.CloudSecretManagerBackend': [
    { key: 'connections_prefix', ask: 'Prefix of connections', default: 'airflow-connections' },
    { key: 'project_id', ask: 'Project id', optional: true },
    { key: 'gcp_key_path', ask: 'Path of the key file in the container', optional: true },
  ],
  'airflow.secrets.local_filesystem.LocalFilesystemBackend': [
    { key: 'variables_file_path', ask: 'File of variables', default: '/opt/airflow/config/variables.json' },
    {
      key: 'connections_file_path',
      ask: 'File of connections',
      default: '/opt/airflow/config/connections.json',
    },
  ],
};

export function backendNames(): string[] {
  return Object.keys(BACKENDS);
}

/** The settings of the backend with this class path, or with this class name at its end; none for one gather does not know. */
export function backendSettings(backend: string): BackendSetting[] {
  const known = Object.keys(BACKENDS).find(
    (name) => name === backend || name.endsWith(`.${backend.split('.').pop()}`),
  );
  return (known && BACKENDS[known]) || [];
}

/** AIRFLOW__SECRETS__BACKEND_KWARGS: JSON of the answers, optional ones left out when empty; what the backend is not known to have stays. */
export function backendKwargs(settings: BackendSetting[], answers: Record<string, unknown>): string {
  const kwargs: Record<string, unknown> = {};
  for (const { key, default: initial = '', optional, number } of settings) {
    const value = answers[key] ?? initial;
    if (value !== '' || !optional) kwargs[key] = number ? Number(value) : value;
  }
  const others = Object.entries(answers).filter(([key]) => !settings.some((setting) => setting.key === key));
  return JSON.stringify({ ...kwargs, ...Object.fromEntries(others) });
}

/** Types of values that a variable of `.env` can have; each has its check in `src/catalog/check-value.ts`. */
export const VARIABLE_TYPES = [
  'text',
  'identifier',
  'database',
  'password',
  'host',
  'address',
  'port',
  'url',
  'http-url',
  'url-prefix',
  'path-segment',
  'boolean',
  'integer',
  'seconds',
  'choice',
  'uid',
  'path',
  'json',
  'bucket',
  'key-prefix',
  'connection-id',
  'fernet-key',
  'secrets-backend',
  'executor',
] as const;
export type VariableType = (typeof VARIABLE_TYPES)[number];

/** How a secret comes into being, from the CSPRNG of the machine. */
export const GENERATORS = ['password', 'token', 'fernet-key', 'authority'] as const;
export type Generator = (typeof GENERATORS)[number];

/** What only the machine knows: the user's id, the engine's socket. */
export const MACHINE_FACTS = ['uid', 'docker-socket'] as const;
export type MachineFact = (typeof MACHINE_FACTS)[number];

/** What brings a DAG file to Airflow: the folder of this machine is mounted, a bucket or a git repository is read. */
export const DELIVERIES = ['folder', 'bucket', 'git'] as const;

/** How a file that gather renders is written; each escapes by the rules of its language. */
export const FILE_FORMATS = ['yaml', 'json', 'properties', 'ini', 'sql', 'nginx'] as const;
export type FileFormat = (typeof FILE_FORMATS)[number];

/** Formats in which a project may write offers of its own. */
export const OWN_FORMATS = ['properties', 'json'] as const;
export type OwnFormat = (typeof OWN_FORMATS)[number];

/** What a value of an offer is checked for. */
export const OFFER_TYPES = ['text', 'list', 'structure', 'url-path', 'host', 'http-url', 'service'] as const;
export type OfferType = (typeof OFFER_TYPES)[number];

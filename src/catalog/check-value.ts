import { isIPv4, isIPv6 } from 'node:net';
import type { Lookup } from '../project/interpolate.js';
import type { VariableSpec } from './schema.js';

/** Says in one sentence why a value will not do for a variable; undefined when it will. The sentence never holds the value of a secret. */
export function problemWith(variable: VariableSpec, value: string): string | undefined {
  if (/[\n\r\0]/.test(value)) return 'a value cannot hold a line break or a NUL';
  const tooShort = variable.type !== 'integer' && [...value].length < (variable.min ?? 0);
  return (
    variable.refuses?.[value] ??
    CHECKS[variable.type](value, variable) ??
    (tooShort ? `must have at least ${variable.min} characters` : undefined)
  );
}

/** The same, of a value that would do alone: two parts own no database together. `lookup` knows the values of the others. */
export function clashOf(
  variable: VariableSpec,
  value: string,
  variables: VariableSpec[],
  lookup: Lookup,
): string | undefined {
  const names = (one: VariableSpec, other: VariableSpec) => one.unlike?.includes(other.name) === true;
  return sameIn(
    variables.filter((one) => names(variable, one) || names(one, variable)),
    value,
    lookup,
  );
}

/** And of a port: two parts cannot be published on one. An override may have moved one of them, which only a boot knows. */
export function portClashOf(
  variable: VariableSpec,
  value: string,
  variables: VariableSpec[],
  lookup: Lookup,
): string | undefined {
  const isPublished = (one: VariableSpec) => one.type === 'port' && one.published;
  if (!isPublished(variable)) return undefined;
  return sameIn(
    variables.filter((one) => one !== variable && isPublished(one)),
    value,
    lookup,
  );
}

function sameIn(others: VariableSpec[], value: string, lookup: Lookup): string | undefined {
  const other = others.find((one) => lookup(one.name) === value);
  return other && `is the value of ${other.name}, too`;
}

/** True for what S3 takes as the name of a bucket. */
export function isBucket(name: string): boolean {
  return (
    /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) && !name.includes('..') && !/^\d+(\.\d+){3}$/.test(name)
  );
}

/** True for the address of a web server, without a user and a password: addresses are shown. */
export function isHttpUrl(text: string): boolean {
  return /^https?:\/\/[^/?#@]+(\/[^?#]*)?$/i.test(text) && URL.canParse(text);
}

type Check = (value: string, variable: VariableSpec) => string | undefined;

const CHECKS: Record<VariableSpec['type'], Check> = {
  text: () => undefined,
  identifier: (value) => {
    if (value === '') return 'a name is needed';
    const bytes = Buffer.byteLength(value);
    if (bytes > 63) return `PostgreSQL's names have at most 63 bytes, and this has ${bytes}`;
    if (value.startsWith('pg_')) return "names that begin with pg_ are PostgreSQL's own";
    return undefined;
  },
  // SQLAlchemy 1.4 and 2.0 do not decode the database's name in a URL, so it has to do without encoding
  database: (value, variable) =>
    /^[A-Za-z0-9_.-]*$/.test(value)
      ? CHECKS.identifier(value, variable)
      : 'must be made of letters, digits and _ . - only',
  // PostgreSQL drops an empty password, and takes one that looks like its own hashes for a hash
  password: (value) => {
    if (value === '') return 'a password is needed';
    if (/^md5[0-9a-f]{32}$|^SCRAM-SHA-256\$/.test(value))
      return 'looks like a hash of PostgreSQL, which would take it for one';
    return undefined;
  },
  host: (value) =>
    // brackets are a URL's business; a zone, as in fe80::1%eth0, means nothing in a container
    /^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/.test(value) || (isIPv6(value) && !value.includes('%'))
      ? undefined
      : 'must be a host name or an address, such as db.example, 10.0.0.1 or fd00::1',
  // as Compose has it before a port: a name it would refuse, and the colons of IPv6 are its own without brackets
  address: (value) =>
    isIPv4(value) || isIPv6(/^\[([^%]*)\]$/.exec(value)?.[1] ?? '')
      ? undefined
      : 'must be an address of this machine, such as 127.0.0.1, 0.0.0.0 for all of them, or [::1]',
  port: (value) => (inRange(value, 1, 65535) ? undefined : 'must be a port, 1 to 65535'),
  url: (value) => {
    try {
      new URL(value);
      return undefined;
    } catch {
      return 'must be a URL, such as redis://host:6379/0, with odd characters of a password percent-encoded';
    }
  },
  'http-url': (value) =>
    isHttpUrl(value) ? undefined : 'must be an http or https URL with a host, such as https://s3.example',
  'url-prefix': (value) =>
    /^[A-Za-z0-9._~-]+(\/[A-Za-z0-9._~-]+)*$/.test(value)
      ? undefined
      : 'must be a path without slashes at its ends, such as flower',
  'path-segment': (value) =>
    /^[A-Za-z0-9_~-][A-Za-z0-9._~-]*$/.test(value)
      ? undefined
      : 'must be made of letters, digits and . _ ~ - only, such as gather',
  boolean: (value) => (/^(true|false)$/i.test(value) ? undefined : 'must be true or false'),
  integer: (value, { min = 1 }) =>
    inRange(value, min, 1_000_000) ? undefined : `must be a whole number of at least ${min}`,
  seconds: (value) =>
    /^\d+(\.\d+)?$/.test(value) && Number(value) > 0
      ? undefined
      : 'must be a number of seconds above 0, such as 0.5',
  // in any case, as Airflow reads them: the original wrote Python's True
  choice: (value, variable) =>
    variable.choices?.some((choice) => choice.toLowerCase() === value.toLowerCase())
      ? undefined
      : `must be one of ${variable.choices?.join(', ') ?? ''}`,
  uid: (value) => (inRange(value, 0, 4_294_967_294) ? undefined : 'must be a numeric id, such as 1000'),
  path: (value) => (value === '' ? 'a path is needed' : undefined),
  json: (value) => {
    if (value === '') return undefined;
    try {
      JSON.parse(value);
      return undefined;
    } catch {
      return 'must be JSON';
    }
  },
  bucket: (value) =>
    isBucket(value)
      ? undefined
      : 'must be the name of a bucket: 3 to 63 of a-z, 0-9, - and ., such as airflow-logs',
  // whoever reads it puts a path behind it as it is
  'key-prefix': (value) =>
    /^[^/]/.test(value) && value.endsWith('/')
      ? undefined
      : 'must be a folder of a bucket, without a slash before and with one after it, such as dags/',
  // Airflow reads it from AIRFLOW_CONN_<ID>
  'connection-id': (value) =>
    /^[A-Za-z0-9_]+$/.test(value) ? undefined : 'must be made of letters, digits and _ only, such as s3_logs',
  // Fernet's own format: 32 bytes as URL-safe base64; several keys, newest first, while one is being rotated
  'fernet-key': (value) =>
    value.split(',').every((key) => /^[A-Za-z0-9_-]{43}=$/.test(key.trim()))
      ? undefined
      : 'must be a Fernet key: 32 bytes as URL-safe base64, 44 characters',
  executor: (value) => {
    const strange = value.split(/[,;]/).find((one) => !isExecutor(one.trim()));
    return strange === undefined
      ? undefined
      : `Airflow has no executor "${strange}": LocalExecutor, CeleryExecutor, KubernetesExecutor, or the full path of a class`;
  },
  'secrets-backend': (value) =>
    value === '' || /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)+$/.test(value)
      ? undefined
      : 'must be the full path of a Python class, or empty',
};

const OWN_EXECUTORS =
  /^(Local|Celery|Kubernetes|CeleryKubernetes|LocalKubernetes|Sequential|Debug|Dask)Executor$/;

/** One of Airflow's, or the path of any class, before which a team or an alias may stand (airflow/executors/executor_loader.py). */
function isExecutor(name: string): boolean {
  const executor = name.replace(/^[\w-]+=/, '');
  return OWN_EXECUTORS.test(executor) || /^(\w+:)?[A-Za-z_]\w*(\.[A-Za-z_]\w*)+(:\w+)?$/.test(executor);
}

function inRange(value: string, from: number, to: number): boolean {
  return /^\d{1,10}$/.test(value) && Number(value) >= from && Number(value) <= to;
}

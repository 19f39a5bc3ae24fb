import { nearest } from '../output/nearest.js';
import type { YamlFile } from '../project/yaml-file.js';
import { FACTS, factsIn } from './facts.js';
import {
  type ConnectionSpec,
  type DagsSpec,
  DELIVERIES,
  type Difference,
  type DockerfileSpec,
  GENERATORS,
  type ImageSpec,
  type JsonSpec,
  MACHINE_FACTS,
  type ProbeSpec,
  type QuickProbe,
  type S3Spec,
  VARIABLE_TYPES,
  type VariableEntry,
} from './schema.js';

// Readers of what stands below x-gather, part by part. Each throws COMPONENT_INVALID with file and line on what is not as `schema.ts` says.

const VARIABLE_KEYS = [
  'default',
  'generate',
  'machine',
  'url',
  'json',
  'type',
  'choices',
  'min',
  'fallback',
  'published',
  'ask',
  'secret',
] as const;
const URL_KEYS = ['scheme', 'username', 'password', 'host', 'port', 'path'] as const;
const CONNECTION_KEYS = [
  'conn_type',
  'host',
  'schema',
  'login',
  'password',
  'port',
  'extra',
  'description',
] as const;
const S3_KEYS = ['address', 'access_key', 'secret_key', 'region'] as const;
/** Only what is written: a component that declares a variable again changes no more than that. */
export function readVariable(yaml: YamlFile, component: string, group: string, name: string): VariableEntry {
  const path = ['x-gather', 'variables', name];
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
    throw yaml.errorAt(`"${name}" cannot be the name of a variable`, path);
  const { json } = yaml.map(path, VARIABLE_KEYS);
  const url = yaml.map([...path, 'url'], URL_KEYS);
  if (Object.keys(url).length && !(url.scheme && url.host))
    throw yaml.errorAt('a url needs at least scheme and host', [...path, 'url']);
  return {
    name,
    component,
    group,
    ...optional('default', yaml.text([...path, 'default'])),
    ...optional('generate', yaml.oneOf([...path, 'generate'], GENERATORS)),
    ...optional('machine', yaml.oneOf([...path, 'machine'], MACHINE_FACTS)),
    ...(Object.keys(url).length ? { url: { scheme: '', host: '', ...yaml.texts([...path, 'url']) } } : {}),
    ...optional('json', json as JsonSpec | undefined),
    ...optional('type', yaml.oneOf([...path, 'type'], VARIABLE_TYPES)),
    ...optional('choices', listOrNothing(yaml.list([...path, 'choices']))),
    ...optional('min', yaml.number([...path, 'min'])),
    ...optional('fallback', yaml.number([...path, 'fallback'])),
    ...optional('published', yaml.flag([...path, 'published'])),
    ...optional('ask', yaml.text([...path, 'ask'])),
    ...optional('secret', yaml.flag([...path, 'secret'])),
  };
}

/** In the keys of Airflow's own JSON form: https://airflow.apache.org/docs/apache-airflow/stable/howto/connection.html */
export function readConnection(yaml: YamlFile, component: string, group: string, id: string): ConnectionSpec {
  const path = ['x-gather', 'connections', id];
  const json = yaml.map(path, CONNECTION_KEYS) as Record<string, JsonSpec>;
  if (!yaml.text([...path, 'conn_type'])) throw yaml.errorAt('a connection needs conn_type', path);
  return { id, component, group, json };
}

export function readImage(yaml: YamlFile, component: string, variable: string): ImageSpec {
  const path = ['x-gather', 'images', variable];
  yaml.map(path, ['registry', 'mirrored', 'build', 'on', 'args', 'files']);
  const text = (key: string) => optional(key, yaml.text([...path, key]));
  const spec: ImageSpec = {
    variable,
    component,
    ...text('registry'),
    ...text('mirrored'),
    ...text('build'),
    ...text('on'),
    args: yaml.texts([...path, 'args']),
    files: yaml.texts([...path, 'files']),
  };
  checkImage(yaml, path, spec);
  return spec;
}

function checkImage(yaml: YamlFile, path: string[], spec: ImageSpec): void {
  const { registry, mirrored, build, on, args, files } = spec;
  if (build === undefined && registry === undefined && mirrored === undefined)
    throw yaml.errorAt(
      `image ${spec.variable} needs "registry", its public name, or "build", the folder with its Dockerfile`,
      path,
    );
  if (build === undefined && (on !== undefined || Object.keys({ ...args, ...files }).length))
    throw yaml.errorAt('"on", "args" and "files" are for an image with "build"', path);
  if (build !== undefined && !isInside(build))
    throw yaml.errorAt('"build" is a folder beside the component\'s file', [...path, 'build']);
  for (const [name, value] of Object.entries({ registry, mirrored }))
    if (value !== undefined) checkFacts(yaml, [...path, name], value, ['airflow.version']);
  for (const [name, value] of Object.entries(args)) checkFacts(yaml, [...path, 'args', name], value);
  for (const [name, value] of Object.entries(files)) {
    if (!isInside(name) || (value.startsWith('./') && !isInside(value)))
      throw yaml.errorAt(`the file "${name}" may not leave its folder`, [...path, 'files', name]);
    if (!value.startsWith('./')) checkFacts(yaml, [...path, 'files', name], value);
  }
}

function isInside(path: string): boolean {
  return path !== '' && !path.startsWith('/') && !path.split('/').includes('..');
}

function checkFacts(yaml: YamlFile, path: string[], template: string, known = Object.keys(FACTS)): void {
  for (const fact of factsIn(template)) {
    if (known.includes(fact)) continue;
    const near = nearest(fact, known);
    throw yaml.errorAt(
      `gather has no "gather.${fact}" for this${near ? `; did you mean "gather.${near}"?` : ''}`,
      path,
      [`known: ${known.map((name) => `gather.${name}`).join(', ')}`],
    );
  }
}

export function readDockerfile(yaml: YamlFile, variable: string): DockerfileSpec {
  const path = ['x-gather', 'dockerfiles', variable];
  const { file, from } = readTexts(yaml, path, ['file', 'from']) ?? {};
  if (!file || !from) throw yaml.errorAt(`dockerfile ${variable} needs both "file" and "from"`, path);
  return { variable, file, from };
}

export function readDifference(yaml: YamlFile, component: string, setting: string): Difference {
  const path = ['x-gather', 'differs', setting];
  yaml.map(path, ['here', 'production', 'why']);
  const production = yaml.text([...path, 'production']);
  const why = yaml.text([...path, 'why']);
  if (production === undefined || !why)
    throw yaml.errorAt(`the difference "${setting}" needs both "production" and "why"`, path);
  return { component, setting, ...optional('here', yaml.text([...path, 'here'])), production, why };
}

/** Only what is written: a component behind another changes no more than that. */
export function readDags(yaml: YamlFile): Partial<DagsSpec> {
  const path = ['x-gather', 'dags'];
  yaml.map(path, ['from', 'address', 'path', 'folder']);
  const from = yaml.oneOf([...path, 'from'], DELIVERIES);
  const address = yaml.text([...path, 'address']);
  if (from && from !== 'folder' && !address)
    throw yaml.errorAt(`dags from ${from} need "address", the bucket or the repository`, path);
  return {
    ...optional('from', from),
    ...optional('address', address),
    ...optional('path', yaml.text([...path, 'path'])),
    ...optional('folder', yaml.text([...path, 'folder'])),
  };
}

export function readS3(yaml: YamlFile): S3Spec | undefined {
  const path = ['x-gather', 's3'];
  if (Object.keys(yaml.map(path, S3_KEYS)).length === 0) return undefined;
  const { address, access_key, secret_key, region } = yaml.texts(path);
  if (!address || !access_key !== !secret_key)
    throw yaml.errorAt('s3 needs "address", and of "access_key" and "secret_key" both or none', path);
  return {
    address,
    ...optional('access_key', access_key),
    ...optional('secret_key', secret_key),
    ...optional('region', region),
  };
}

export function readProbe(yaml: YamlFile, index: number): ProbeSpec {
  const path = ['x-gather', 'probes', index];
  yaml.map(path, ['service', 'command', 'json', 'says', 'quick', 'same_as_healthcheck']);
  const service = yaml.text([...path, 'service']);
  const command = yaml.list([...path, 'command']);
  if (!service || command.length === 0)
    throw yaml.errorAt('a probe needs "service" and "command" (a list)', path);
  const json = yaml.texts([...path, 'json']);
  return {
    service,
    command,
    ...(Object.keys(json).length ? { json } : {}),
    ...optional('says', yaml.text([...path, 'says'])),
    ...optional('quick', readQuick(yaml, [...path, 'quick'])),
    ...optional('same_as_healthcheck', yaml.flag([...path, 'same_as_healthcheck'])),
  };
}

function readQuick(yaml: YamlFile, path: (string | number)[]): QuickProbe | undefined {
  if (Object.keys(yaml.map(path, ['port', 'send', 'answer'])).length === 0) return undefined;
  const port = Number(yaml.text([...path, 'port']));
  const send = yaml.text([...path, 'send']);
  if (!Number.isInteger(port) || port < 1 || !send)
    throw yaml.errorAt('"quick" needs "port" (a number) and "send"', path);
  return { port, send, ...optional('answer', yaml.text([...path, 'answer'])) };
}

export function readTexts<K extends string>(
  yaml: YamlFile,
  path: string[],
  keys: readonly K[],
): Record<K, string> | undefined {
  const map = yaml.map(path, keys);
  if (Object.keys(map).length === 0) return undefined;
  const missing = keys.filter((key) => map[key] === undefined);
  if (missing.length) throw yaml.errorAt(`${path.join('.')} lacks ${missing.join(', ')}`, path);
  return yaml.texts(path) as Record<K, string>;
}

export function optional<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return (value === undefined ? {} : { [key]: value }) as { [P in K]?: V };
}

function listOrNothing(list: string[]): string[] | undefined {
  return list.length ? list : undefined;
}

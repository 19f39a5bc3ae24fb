import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { GatherError, type Location } from '../output/errors.js';
import { YamlFile } from '../project/yaml-file.js';
import {
  type Component,
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
  type ServiceBody,
  VARIABLE_TYPES,
  type VariableEntry,
} from './schema.js';

export const X_GATHER_KEYS = [
  'summary',
  'group',
  'requires',
  'conflicts',
  'replaces',
  'airflow',
  'templates',
  'variables',
  'connections',
  'images',
  'dockerfiles',
  'differs',
  'requirements',
  'passes',
  'folders',
  'dags',
  'examples',
  'routes',
  'links',
  'login',
  's3',
  'databases',
  'probes',
] as const;
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
const RESOURCES = ['networks', 'volumes', 'configs'] as const;

/** Reads one component file. Throws COMPONENT_INVALID with file and line on anything that is not as `schema.ts` says. */
export function readComponent(file: string): Component {
  return parseComponent(readFileSync(file, 'utf8'), file);
}

export function parseComponent(text: string, file: string): Component {
  const yaml = new YamlFile(text, file, 'COMPONENT_INVALID');
  const name = basename(file).replace(/\.ya?ml$/, '');
  const top = yaml.map([]);
  for (const key of Object.keys(top))
    if (!key.startsWith('x-') && key !== 'services' && !(RESOURCES as readonly string[]).includes(key))
      throw yaml.errorAt(
        `a component may not have the top-level key "${key}"`,
        [key],
        [`allowed: x-gather, services, ${RESOURCES.join(', ')}`],
      );
  const root = ['x-gather'];
  const about = yaml.map(root, X_GATHER_KEYS);
  const summary = yaml.text([...root, 'summary']);
  if (!summary) throw yaml.errorAt('a component needs x-gather.summary, one line that says what it is', root);
  const group = yaml.text([...root, 'group']) ?? summary.split(',')[0] ?? name;

  return {
    name,
    file,
    summary,
    requires: yaml.list([...root, 'requires']),
    conflicts: yaml.list([...root, 'conflicts']),
    replaces: yaml.list([...root, 'replaces']),
    ...optional('airflow', yaml.number([...root, 'airflow'])),
    templates: yaml.list([...root, 'templates']),
    variables: Object.keys(yaml.map([...root, 'variables'])).map((key) =>
      readVariable(yaml, name, group, key),
    ),
    connections: Object.keys(yaml.map([...root, 'connections'])).map((id) =>
      readConnection(yaml, name, group, id),
    ),
    images: Object.keys(yaml.map([...root, 'images'])).map((key) => readImage(yaml, key)),
    differs: Object.keys(yaml.map([...root, 'differs'])).map((key) => readDifference(yaml, name, key)),
    dockerfiles: Object.keys(yaml.map([...root, 'dockerfiles'])).map((key) => readDockerfile(yaml, key)),
    requirements: yaml.list([...root, 'requirements']),
    passes: Object.fromEntries(
      Object.keys(yaml.map([...root, 'passes'])).map((name) => [name, yaml.list([...root, 'passes', name])]),
    ),
    folders: yaml.list([...root, 'folders']),
    dags: readDags(yaml),
    examples: yaml.list([...root, 'examples']),
    routes: yaml.texts([...root, 'routes']),
    links: yaml.texts([...root, 'links']),
    ...optional('login', readTexts(yaml, [...root, 'login'], ['username', 'password'])),
    ...optional('s3', readS3(yaml)),
    databases: yaml.list([...root, 'databases']),
    probes: Array.isArray(about.probes) ? about.probes.map((_, i) => readProbe(yaml, i)) : [],
    services: readServices(yaml),
    resources: {
      networks: yaml.map(['networks']),
      volumes: yaml.map(['volumes']),
      configs: yaml.map(['configs']),
    },
    at: (path) => yaml.location(path),
  };
}

/** Only what is written: a component that declares a variable again changes no more than that. */
function readVariable(yaml: YamlFile, component: string, group: string, name: string): VariableEntry {
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
function readConnection(yaml: YamlFile, component: string, group: string, id: string): ConnectionSpec {
  const path = ['x-gather', 'connections', id];
  const json = yaml.map(path, CONNECTION_KEYS) as Record<string, JsonSpec>;
  if (!yaml.text([...path, 'conn_type'])) throw yaml.errorAt('a connection needs conn_type', path);
  return { id, component, group, json };
}

function readImage(yaml: YamlFile, variable: string): ImageSpec {
  const path = ['x-gather', 'images', variable];
  yaml.map(path, ['registry', 'mirrored', 'packages', 'build']);
  const packages = yaml.text([...path, 'packages']);
  if (!packages)
    throw yaml.errorAt(`image ${variable} needs "packages", its folder under compose/images`, path);
  return {
    variable,
    ...optional('registry', yaml.text([...path, 'registry'])),
    ...optional('mirrored', yaml.text([...path, 'mirrored'])),
    packages,
    ...optional('build', yaml.text([...path, 'build'])),
  };
}

function readDockerfile(yaml: YamlFile, variable: string): DockerfileSpec {
  const path = ['x-gather', 'dockerfiles', variable];
  const { file, from } = readTexts(yaml, path, ['file', 'from']) ?? {};
  if (!file || !from) throw yaml.errorAt(`dockerfile ${variable} needs both "file" and "from"`, path);
  return { variable, file, from };
}

function readDifference(yaml: YamlFile, component: string, setting: string): Difference {
  const path = ['x-gather', 'differs', setting];
  yaml.map(path, ['here', 'production', 'why']);
  const production = yaml.text([...path, 'production']);
  const why = yaml.text([...path, 'why']);
  if (production === undefined || !why)
    throw yaml.errorAt(`the difference "${setting}" needs both "production" and "why"`, path);
  return { component, setting, ...optional('here', yaml.text([...path, 'here'])), production, why };
}

/** Only what is written: a component behind another changes no more than that. */
function readDags(yaml: YamlFile): Partial<DagsSpec> {
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

function readS3(yaml: YamlFile): S3Spec | undefined {
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

function readProbe(yaml: YamlFile, index: number): ProbeSpec {
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

function readServices(yaml: YamlFile): Record<string, ServiceBody> {
  const services = yaml.map(['services']);
  for (const name of Object.keys(services)) {
    const body = yaml.map(['services', name]);
    if (body.container_name !== undefined)
      throw yaml.errorAt(
        'container_name forbids a second stack; Compose names containers by project and service',
        ['services', name, 'container_name'],
      );
    if (Array.isArray(body.environment))
      throw yaml.errorAt('write environment as a map, so that components can be merged', [
        'services',
        name,
        'environment',
      ]);
  }
  return services as Record<string, ServiceBody>;
}

function readTexts<K extends string>(
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

function optional<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return (value === undefined ? {} : { [key]: value }) as { [P in K]?: V };
}

function listOrNothing(list: string[]): string[] | undefined {
  return list.length ? list : undefined;
}

/** The error for a component that nobody knows. */
export function unknownComponent(
  name: string,
  known: string[],
  near: string | undefined,
  where?: Location,
): GatherError {
  return new GatherError(
    'COMPONENT_INVALID',
    `unknown component "${name}"${near ? `; did you mean "${near}"?` : ''}`,
    {
      where,
      hints: [`known: ${known.join(', ')}`],
    },
  );
}

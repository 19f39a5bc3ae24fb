import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { GatherError, type Location } from '../output/errors.js';
import { YamlFile } from '../project/yaml-file.js';
import {
  optional,
  readConnection,
  readDags,
  readDifference,
  readDockerfile,
  readImage,
  readProbe,
  readS3,
  readTexts,
  readVariable,
} from './component-parts.js';
import type { Component, ServiceBody } from './schema.js';

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
    images: Object.keys(yaml.map([...root, 'images'])).map((key) => readImage(yaml, name, key)),
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

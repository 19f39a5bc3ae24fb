import { parseDocument } from 'yaml';
import type { Location } from '../output/errors.js';
import { YamlFile } from './yaml-file.js';

export const IMAGE_SOURCES = ['auto', 'registry', 'packages'] as const;
export type ImageSource = (typeof IMAGE_SOURCES)[number];

export const LAUNCHERS = ['plain', 'fast'] as const;
export type Launcher = (typeof LAUNCHERS)[number];

/** What gather.yaml says. */
export interface Manifest {
  topology: string;
  /** Airflow's version, such as 2.11.2. */
  airflow: string;
  /** Where images come from: pulled, built from packages, or (auto) pulled where a registry answers. */
  images: ImageSource;
  /** `host:port/path` that stands before every image's name when it is pulled. */
  registry: string | undefined;
  /** Components beside those of the topology. */
  components: string[];
  /** How Airflow's services are started: as they are, or with gather's patches. */
  launcher?: Launcher;
  /** Compose profiles that `up` starts. */
  profiles: string[];
  /** The day, as YYYY-MM-DD, whose state of PyPI the Airflow image is built from; the release's own day when absent. */
  packagesUntil: string | undefined;
  /** Where a value stands in gather.yaml. */
  at?: (path: (string | number)[]) => Location;
}

export const MANIFEST_KEYS = [
  'topology',
  'airflow',
  'images',
  'registry',
  'components',
  'launcher',
  'profiles',
  'packages-until',
] as const;

export const DEFAULT_TOPOLOGY = 'celery';
export const DEFAULT_AIRFLOW = '2.11.2';

/** Reads gather.yaml. Throws PROJECT_INVALID with file and line. */
export function parseManifest(text: string, file: string): Manifest {
  const yaml = new YamlFile(text, file, 'PROJECT_INVALID');
  yaml.map([], MANIFEST_KEYS);
  const airflow = yaml.text(['airflow']) ?? DEFAULT_AIRFLOW;
  if (!/^\d+\.\d+\.\d+$/.test(airflow))
    throw yaml.errorAt(
      `airflow is "${airflow}", and must be a full version`,
      ['airflow'],
      [`for example: ${DEFAULT_AIRFLOW}`, 'gather init --airflow 3 writes the newest version of that line'],
    );
  const registry = yaml.text(['registry']);
  if (registry !== undefined && !/^[a-z0-9.-]+(:\d+)?(\/[a-z0-9._-]+)*$/.test(registry))
    throw yaml.errorAt(`registry must look like host:port/path, without a scheme and a slash at the end`, [
      'registry',
    ]);
  const packagesUntil = yaml.text(['packages-until']);
  if (packagesUntil !== undefined && !/^\d{4}-\d{2}-\d{2}$/.test(packagesUntil))
    throw yaml.errorAt('packages-until must be a date such as 2026-03-15', ['packages-until']);
  return {
    topology: yaml.text(['topology']) ?? DEFAULT_TOPOLOGY,
    airflow,
    images: yaml.oneOf(['images'], IMAGE_SOURCES) ?? 'auto',
    registry,
    components: yaml.list(['components']),
    launcher: yaml.oneOf(['launcher'], LAUNCHERS) ?? 'plain',
    profiles: yaml.list(['profiles']),
    packagesUntil,
    at: (path) => yaml.location(path),
  };
}

/** The text of a new gather.yaml. */
export function newManifest(topology: string, airflow: string, components: string[]): string {
  return `# What this stack is made of; \`gather render\` turns it into compose.yaml. Values and secrets are in .env.
topology: ${topology}
airflow: ${airflow}
# auto: pull where a registry answers, else build from Debian's and PyPI's packages; registry or packages: only that
images: auto
${components.length ? `components: [${components.join(', ')}]\n` : ''}`;
}

/** The same file with other values for some keys; comments and order stay. */
export function changeManifest(
  text: string,
  changes: Partial<Record<'topology' | 'airflow' | 'components', string | string[]>>,
): string {
  const document = parseDocument(text);
  for (const [key, value] of Object.entries(changes))
    document.set(key, document.createNode(value, { flow: true }));
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

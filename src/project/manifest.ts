import { parseDocument } from 'yaml';
import { type Manifest, manifest } from './manifest-model.js';
import { YamlFile } from './yaml-file.js';

export type { ImageSource, Manifest } from './manifest-model.js';
export { DEFAULT_AIRFLOW, DEFAULT_TOPOLOGY } from './manifest-model.js';

/** Reads gather.yaml. Throws PROJECT_INVALID with file and line. */
export function parseManifest(text: string, file: string): Manifest {
  const yaml = new YamlFile(text, file, 'PROJECT_INVALID');
  const { registry, 'packages-until': packagesUntil, ...rest } = yaml.read(manifest);
  return {
    ...rest,
    registry: registry ?? undefined,
    packagesUntil: packagesUntil ?? undefined,
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

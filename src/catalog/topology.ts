import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { YamlFile } from '../project/yaml-file.js';
import type { Topology } from './schema.js';

/** Reads one topology file. Throws TOPOLOGY_INVALID with file and line. */
export function readTopology(file: string): Topology {
  const yaml = new YamlFile(readFileSync(file, 'utf8'), file, 'TOPOLOGY_INVALID');
  yaml.map([], ['summary', 'components', 'settings']);
  const components = yaml.list(['components']);
  if (components.length === 0) throw yaml.errorAt('a topology needs at least one component', ['components']);
  return {
    name: basename(file).replace(/\.ya?ml$/, ''),
    file,
    summary: yaml.text(['summary']) ?? '',
    components,
    settings: yaml.texts(['settings']),
    at: (path) => yaml.location(path),
  };
}

import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { YamlFile } from '../project/yaml-file.js';
import { topology } from './model/topology.js';
import type { Topology } from './schema.js';

/** Reads one topology file. Throws TOPOLOGY_INVALID with file and line. */
export function readTopology(file: string): Topology {
  const yaml = new YamlFile(readFileSync(file, 'utf8'), file, 'TOPOLOGY_INVALID');
  const { summary = '', components, settings } = yaml.read(topology);
  return {
    name: basename(file).replace(/\.ya?ml$/, ''),
    file,
    summary,
    components,
    settings,
    at: (path) => yaml.location(path),
  };
}

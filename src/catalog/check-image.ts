import { nearest } from '../output/nearest.js';
import type { YamlFile } from '../project/yaml-file.js';
import { FACTS, factsIn } from './facts.js';
import type { ImageSpec } from './schema.js';

/** What of an image's keys goes together. Throws COMPONENT_INVALID with file and line. */
export function checkImage(yaml: YamlFile, spec: ImageSpec): void {
  const path = ['x-gather', 'images', spec.variable];
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

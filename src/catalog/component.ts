import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { GatherError, type Location } from '../output/errors.js';
import { readIfThere } from '../project/files.js';
import { YamlFile } from '../project/yaml-file.js';
import { checkImage } from './check-image.js';
import { healthcheckOf, probeOf } from './derive-ready.js';
import type { ReadyModel } from './model/ready.js';
import { type XGather, xGather } from './model/x-gather.js';
import type { Component, OfferKeys, ServiceBody } from './schema.js';

/** The file of a component that is a folder: its image and its files lie beside it. */
export const COMPONENT_FILE = 'component.yaml';
const RESOURCES = ['networks', 'volumes', 'configs'] as const;

/** Reads one component file. Throws COMPONENT_INVALID with file and line on anything that is not as `model/x-gather.ts` says. */
export function readComponent(file: string): Component {
  return parseComponent(readFileSync(file, 'utf8'), file);
}

export function parseComponent(source: string, file: string): Component {
  const yaml = new YamlFile(source, file, 'COMPONENT_INVALID');
  const name =
    basename(file) === COMPONENT_FILE ? basename(dirname(file)) : basename(file).replace(/\.ya?ml$/, '');
  checkTopLevel(yaml);
  const written = yaml.read(xGather, ['x-gather']);
  const { variables, images, dockerfiles, differs, dags, ready, offers, collects, files } = written;
  const group = written.group ?? written.summary.split(',')[0] ?? name;
  const named = <T>(map: Record<string, T>) =>
    Object.entries(map).map(([variable, spec]) => ({ variable, ...spec }));

  const component: Component = {
    ...written,
    name,
    file,
    group,
    variables: Object.entries(variables).map(([variable, spec]) => {
      if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(variable))
        throw yaml.errorAt(`"${variable}" cannot be the name of a variable`, [
          'x-gather',
          'variables',
          variable,
        ]);
      return { name: variable, component: name, group, ...spec };
    }),
    images: Object.entries(images).map(([variable, spec]) => {
      const image = { variable, component: name, ...spec };
      checkImage(yaml, image);
      return image;
    }),
    dockerfiles: named(dockerfiles),
    differs: Object.entries(differs).map(([setting, spec]) => ({ component: name, setting, ...spec })),
    dags: dags ?? {},
    files: Object.fromEntries(
      Object.entries(files).map(([path, { from, ...spec }]) => [
        path,
        from === undefined
          ? spec
          : { ...spec, text: textBeside(yaml, from, ['x-gather', 'files', path, 'from']) },
      ]),
    ),
    offers: [],
    collects: Object.fromEntries(Object.entries(collects).map(([kind, keys]) => [kind, keysOf(keys)])),
    probes: ready.map(probeOf),
    services: readServices(yaml, ready),
    resources: {
      networks: yaml.map(['networks']),
      volumes: yaml.map(['volumes']),
      configs: yaml.map(['configs']),
    },
    at: (path) => yaml.location(path),
  };
  component.offers = Object.entries(offers).flatMap(([kind, items]) =>
    items.map((item, index) => ({
      kind,
      component,
      index,
      item: item as Component['offers'][number]['item'],
    })),
  );
  return component;
}

/** A file in the component's folder. */
function textBeside(yaml: YamlFile, name: string, path: string[]): string {
  const text = readIfThere(join(dirname(yaml.file), name));
  if (text === undefined) throw yaml.errorAt(`there is no file ${name} beside ${yaml.file}`, path);
  return text;
}

function checkTopLevel(yaml: YamlFile): void {
  for (const key of Object.keys(yaml.map([])))
    if (!key.startsWith('x-') && key !== 'services' && !(RESOURCES as readonly string[]).includes(key))
      throw yaml.errorAt(
        `a component may not have the top-level key "${key}"`,
        [key],
        [`allowed: x-gather, services, ${RESOURCES.join(', ')}`],
      );
}

/** `host?` → a key `host` that may be missing. */
function keysOf(keys: XGather['collects'][string]): OfferKeys {
  return Object.fromEntries(
    Object.entries(keys).map(([key, type]) => [
      key.replace(/\?$/, ''),
      { type, optional: key.endsWith('?') },
    ]),
  );
}

function readServices(yaml: YamlFile, ready: ReadyModel[]): Record<string, ServiceBody> {
  const services = yaml.map(['services']);
  return Object.fromEntries(
    Object.keys(services).map((name) => {
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
      if (
        typeof yaml.map(['services', name]).extends === 'object' &&
        yaml.text(['services', name, 'extends', 'file'])
      )
        throw yaml.errorAt(
          `what service "${name}" takes from another component has no file`,
          ['services', name, 'extends', 'file'],
          [
            'extends: { service: NAME } finds it in any component',
            "x-gather.changes says what this component changes in another's service",
          ],
        );
      const healthcheck = healthcheckOf(ready.filter(({ service }) => service === name)[0], body.healthcheck);
      return [name, healthcheck ? { ...body, healthcheck } : body];
    }),
  );
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

import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonValue } from '../model/fields.js';
import { GatherError } from '../output/errors.js';
import { orFileFailed, readIfThere } from '../project/files.js';
import { parseJson } from '../project/json-text.js';
import { parseProperties } from '../project/properties.js';
import type { OwnFormat } from './model/words.js';
import type { Offers } from './offers.js';
import type { Component, Offer } from './schema.js';

/** What stands in a file of a project's own, by its ending. Throws PROJECT_INVALID with file and line. */
const READERS: Record<OwnFormat, (text: string, file: string) => JsonValue> = {
  properties: (text, file) => Object.fromEntries(parseProperties(text, file)),
  json: parseJson,
};

/**
 * The offers of a stack with those that are files of the project itself (`takes`); one takes the place of a component's of the same name.
 * @throws PROJECT_INVALID with file and line for a file that cannot be read
 */
export function withOwnOffers(offers: Offers, components: Component[], folder: string): Offers {
  const merged = { ...offers };
  for (const component of components)
    for (const [kind, { from, format, name, value, needs }] of Object.entries(component.takes)) {
      const own = filesIn(join(folder, from), format).map((file, index): Offer => {
        const path = join(folder, from, `${file}.${format}`);
        const read = READERS[format](readIfThere(path) ?? '', path);
        for (const key of needs) assertText(read, key, path);
        return {
          kind,
          // (who made it is asked for where something is wrong with it)
          component: { ...component, at: () => ({ file: path }) },
          index,
          item: { [name]: file, [value]: asItIs(read) },
          ...(component.collects[kind] && { keys: component.collects[kind] }),
        };
      });
      const names = new Set(own.map(({ item }) => item[name]));
      merged[kind] = [...(offers[kind] ?? []).filter(({ item }) => !names.has(item[name])), ...own];
    }
  return merged;
}

function assertText(read: JsonValue, key: string, file: string): void {
  const value = typeof read === 'object' && read !== null && !Array.isArray(read) ? read[key] : undefined;
  if (typeof value === 'string' && value !== '') return;
  throw new GatherError('PROJECT_INVALID', `there is no "${key}" with a text in it`, {
    where: { file, line: 1 },
  });
}

/** The files of a folder with that ending, without it. */
function filesIn(folder: string, format: OwnFormat): string[] {
  if (!existsSync(folder)) return [];
  const names = orFileFailed('read', folder, () => readdirSync(folder)).sort();
  return names.flatMap((file) => {
    const [, name = ''] = new RegExp(`^(.+)\\.${format}$`).exec(file) ?? [];
    if (name === '') return [];
    if (/^[A-Za-z0-9_][A-Za-z0-9._-]*$/.test(name)) return [name];
    throw new GatherError('PROJECT_INVALID', `"${name}" cannot be a name here: letters, digits, _ - and .`, {
      where: { file: join(folder, file) },
    });
  });
}

/** What is written in the file counts as it is: none of it is a template. */
function asItIs(value: JsonValue): JsonValue {
  if (typeof value === 'string') return value.replaceAll('$', '$$$$');
  if (Array.isArray(value)) return value.map(asItIs);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, asItIs(one)]));
}

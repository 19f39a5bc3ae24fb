import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseDocument } from 'yaml';

const COMPOSE = fileURLToPath(new URL('../compose', import.meta.url));

/** The texts of gather's own components and topologies. */
const own = new Set(
  ['components', 'topologies'].flatMap((folder) =>
    readdirSync(join(COMPOSE, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.yaml'))
      .map((name) => readFileSync(join(COMPOSE, folder, name), 'utf8')),
  ),
);
const parsed = new Map<string, unknown>();

/**
 * In the place of src/project/parsed-yaml.ts (vitest.config.ts): what the build parses is parsed once here, too, where hundreds of
 * tests read the same files. Nobody can change it for the others.
 */
export function parsedAtBuild(text: string): unknown {
  if (own.has(text) && !parsed.has(text))
    parsed.set(text, frozen(parseDocument(text, { merge: true }).toJS() as unknown));
  return parsed.get(text);
}

/** All of it by the length and digest of each text: what the build keeps beside the bundle. */
export function parsedYaml(): Record<number, Record<string, unknown>> {
  const found: Record<number, Record<string, unknown>> = {};
  for (const text of own) {
    const digest = createHash('sha256').update(text).digest('hex');
    found[text.length] = { ...found[text.length], [digest]: parsedAtBuild(text) };
  }
  return found;
}

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(frozen);
  return value;
}

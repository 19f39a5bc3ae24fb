import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseDocument } from 'yaml';

const COMPOSE = fileURLToPath(new URL('../../compose', import.meta.url));

/** gather's own components and topologies, parsed, by the digest of their text: what the build keeps beside the bundle. */
export function parsedYaml(): Record<string, unknown> {
  const parsed: Record<string, unknown> = {};
  for (const folder of ['components', 'topologies'])
    for (const name of readdirSync(join(COMPOSE, folder), { recursive: true, encoding: 'utf8' })) {
      if (!name.endsWith('.yaml')) continue;
      const text = readFileSync(join(COMPOSE, folder, name), 'utf8');
      parsed[createHash('sha256').update(text).digest('hex')] = parseDocument(text, { merge: true }).toJS();
    }
  return parsed;
}

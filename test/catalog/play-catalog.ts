import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { Blueprint } from '../../src/catalog/blueprint.js';
import { Catalog } from '../../src/catalog/catalog.js';
import { resolveBlueprint } from '../../src/catalog/resolve.js';
import { GatherError } from '../../src/output/errors.js';

/** gather's own `compose/` folder. */
export const OWN = fileURLToPath(new URL('../../compose', import.meta.url));

/** A catalog of files: path under `compose/` without `.yaml` → text. Its folder is a temporary one. */
export function playCatalog(texts: Record<string, string>): { catalog: Catalog; folder: string } {
  const folder = mkdtempSync(join(tmpdir(), 'gather-catalog-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [path, text] of Object.entries(texts)) {
    const file = join(folder, `${path}.yaml`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  return { catalog: new Catalog([folder]), folder };
}

/** The least that a component needs, and whatever else is given as YAML under `x-gather`. */
export function component(about = '', rest = ''): string {
  const indented = about === '' ? '' : about.replace(/^/gm, '  ').concat('\n');
  return `x-gather:\n  summary: A part\n${indented}${rest}`;
}

const own = new Catalog([OWN]);

/** gather's own components, as a project with this topology gets them. */
export function ownBlueprint(components: string[] = [], topology = 'celery', airflow = '2.11.2'): Blueprint {
  return resolveBlueprint(own, { topology, components, airflow });
}

/** What some work throws, which has to be one of our errors. */
export function fault(work: () => unknown): GatherError {
  try {
    work();
  } catch (error) {
    if (error instanceof GatherError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

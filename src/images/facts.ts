import { packagesDay } from '../airflow/settings/releases.js';
import type { Blueprint } from '../catalog/blueprint.js';
import type { Fact } from '../catalog/facts.js';
import type { Manifest } from '../project/manifest.js';

interface Known {
  blueprint: Pick<Blueprint, 'airflow' | 'requirements'>;
  manifest: Pick<Manifest, 'packagesUntil'>;
}

/** How each fact of `catalog/facts.ts` is known of a project. The day throws PROJECT_INVALID for a release gather does not know. */
const VALUES: Record<Fact, (known: Known) => string> = {
  'airflow.version': ({ blueprint }) => blueprint.airflow,
  'airflow.released': ({ blueprint, manifest }) => packagesDay(blueprint.airflow, manifest.packagesUntil),
  requirements: ({ blueprint }) => blueprint.requirements.map((line) => `${line}\n`).join(''),
};

export function factOf(known: Known): (name: Fact) => string {
  return (name) => VALUES[name](known);
}

import { join } from 'node:path';
import { fullVersion } from '../airflow/settings/releases.js';
import type { Catalog } from '../catalog/catalog.js';
import {
  changeManifest,
  DEFAULT_AIRFLOW,
  DEFAULT_TOPOLOGY,
  newManifest,
  parseManifest,
} from '../project/manifest.js';
import { FILES } from '../project/project.js';
import type { Interview } from './ask.js';
import type { InitRequest } from './request.js';

/**
 * The text that gather.yaml is to have: a new one with what was asked for, or `present` with only that changed.
 * Throws what `parseManifest` and `fullVersion` throw, and TOPOLOGY_INVALID and COMPONENT_INVALID for what nobody knows.
 */
export async function planManifest(
  request: InitRequest,
  catalog: Catalog,
  present: string | undefined,
): Promise<string> {
  const { topology, components = [] } = request;
  // a name that nobody knows was given here: it is no slip of a gather.yaml that may not even be there
  if (topology) catalog.topology(topology);
  for (const name of components) catalog.component(name);
  if (present !== undefined) {
    const old = parseManifest(present, join(request.folder, FILES.manifest));
    const before = old.components;
    const comesFromElsewhere = old.packagesUntil !== undefined || old.images === 'registry';
    const airflow = request.airflow && fullVersion(request.airflow, comesFromElsewhere);
    const further = components.filter((name) => !before.includes(name));
    const changes = {
      ...(topology ? { topology } : {}),
      ...(airflow ? { airflow } : {}),
      ...(further.length ? { components: [...before, ...further] } : {}),
    };
    return Object.keys(changes).length ? changeManifest(present, changes) : present;
  }
  const chosen = topology ?? (await askTopology(request.interview, catalog)) ?? DEFAULT_TOPOLOGY;
  return newManifest(chosen, fullVersion(request.airflow ?? DEFAULT_AIRFLOW), components);
}

async function askTopology(interview: Interview | undefined, catalog: Catalog): Promise<string | undefined> {
  const names = catalog.topologyNames();
  if (!interview || names.length < 2) return undefined;
  return interview.choice(
    'Which platform does this stack mirror?',
    names.map((value) => ({ title: value, value, description: catalog.topology(value).summary })),
    DEFAULT_TOPOLOGY,
  );
}

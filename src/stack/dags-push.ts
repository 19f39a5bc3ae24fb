import { GatherError } from '../output/errors.js';
import { dagsFolder } from './dag-new.js';
import { lookupOf } from './dags.js';
import type { OpenProject } from './open.js';
import { type Diff, diffTrees } from './s3-diff.js';
import { localTree } from './s3-local.js';
import { asFolder, type LocalPlace, type S3Place } from './s3-place.js';
import type { S3Store } from './s3-store.js';

/** Where the stack's Airflow takes its DAGs from; undefined when it is the folder of the project. */
export function dagsBucket(open: OpenProject): S3Place | undefined {
  const lookup = lookupOf(open);
  if (!open.blueprint.variables.some(({ name }) => name === 'S3_DAGS_BUCKET')) return undefined;
  const key = (lookup('S3_DAGS_PREFIX') ?? '').replace(/^\/+/, '');
  return asFolder({ kind: 's3', bucket: lookup('S3_DAGS_BUCKET') ?? '', key }) as S3Place;
}

/** The two ends of a push. Throws USAGE when the DAGs come from no bucket. */
export function pushEnds(open: OpenProject): { from: LocalPlace; to: S3Place } {
  const to = dagsBucket(open);
  if (to) return { from: { kind: 'local', path: dagsFolder(open) }, to };
  throw new GatherError('USAGE', 'the DAGs of this stack come from the folder dags/, not from a bucket', {
    hints: ['add s3-dags to components in gather.yaml, then gather init'],
  });
}

/** What a push would do. What Airflow has no use for stays here: hidden files but .airflowignore, and Python's own caches. */
export async function pushDiff(store: S3Store, from: LocalPlace, to: S3Place): Promise<Diff> {
  const files = localTree(
    from.path,
    (name) => name === '__pycache__' || (name.startsWith('.') && name !== '.airflowignore'),
  );
  return diffTrees(files, await store.tree(to));
}

import { GatherError } from '../../output/errors.js';
import { withoutPasswords } from '../../output/passwords.js';
import { type Diff, diffTrees } from '../../stack/objects/diff.js';
import { localTree } from '../../stack/objects/local.js';
import { asFolder, type LocalPlace, readS3Place, type S3Place } from '../../stack/objects/place.js';
import type { S3Store } from '../../stack/objects/store.js';
import type { OpenProject } from '../../stack/open.js';
import { type DagSource, dagSource } from './source.js';

/** The two ends of a push. Throws USAGE when the DAGs come from no bucket. */
export function pushEnds(open: OpenProject): { from: LocalPlace; to: S3Place } {
  const source = dagSource(open);
  if (source.from !== 'bucket')
    throw new GatherError('USAGE', `the DAGs of this stack come from ${placeOf(source)}, not from a bucket`, {
      hints: [source.next() ?? 'add s3-dags to components in gather.yaml, then gather init'],
    });
  const { bucket, key } = readS3Place(source.address);
  const to = asFolder({ kind: 's3', bucket, key: key.replace(/^\/+/, '') });
  return { from: { kind: 'local', path: source.folder }, to: to as S3Place };
}

function placeOf({ from, address, folder }: DagSource): string {
  return from === 'git' ? `git (${withoutPasswords(address)})` : `the folder ${folder}`;
}

/** What a push would do. What Airflow has no use for stays here: hidden files but .airflowignore, and Python's own caches. */
export async function pushDiff(store: S3Store, from: LocalPlace, to: S3Place): Promise<Diff> {
  const files = localTree(
    from.path,
    (name) => name === '__pycache__' || (name.startsWith('.') && name !== '.airflowignore'),
  );
  return diffTrees(files, await store.tree(to));
}

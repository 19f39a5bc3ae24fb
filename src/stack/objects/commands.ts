import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { cancellable } from '../../output/cancelled.js';
import { GatherError } from '../../output/errors.js';
import type { Reporter } from '../../output/events.js';
import { type Diff, diffTrees, type Tree } from './diff.js';
import { localTree } from './local.js';
import { asFolder, below, isPath, type Place, placeText, type S3Place, targetOf } from './place.js';
import type { S3Store } from './store.js';

/** How many files are on their way at the same time. */
const AT_ONCE = 8;

/** What a command has at hand while it moves files. */
export interface Moving {
  store: S3Store;
  report: Reporter;
  signal: AbortSignal;
}

/** Copies one file or object, or with `recursive` all below a folder. Gives back where each one went. */
export async function copy(
  moving: Moving,
  from: Place,
  to: Place,
  recursive: boolean,
): Promise<{ from: string; to: string }[]> {
  checkPlaces(from, to);
  if (!recursive) {
    if (isFolder(from))
      throw new GatherError('USAGE', `${placeText(from)} is a folder`, {
        hints: [`gather s3 cp --recursive ${placeText(from)} ${placeText(to)}`],
      });
    const target = targetOf(from, to);
    await cancellable('stopped; nothing was copied', moving.signal, () => transfer(moving, from, target));
    return [{ from: placeText(from), to: placeText(target) }];
  }
  const paths = [...(await treeOf(moving, from, to)).keys()].sort();
  if (paths.length === 0) throw nothingBelow(from);
  await move(moving, from, to, paths);
  return paths.map((path) => ({
    from: placeText(below(asFolder(from), path)),
    to: placeText(below(asFolder(to), path)),
  }));
}

/** What has to happen for one folder to be as the other. */
export async function compare(moving: Moving, from: Place, to: Place): Promise<Diff> {
  checkPlaces(from, to);
  const source = await treeOf(moving, from, to);
  // a name with a typing error must not empty the target
  if (source.size === 0) throw nothingBelow(from);
  return diffTrees(source, await treeOf(moving, to, from, true));
}

/** Does what `compare` has found; what only the target has goes last, and only when it is told to. */
export async function follow(
  moving: Moving,
  from: Place,
  to: Place,
  { added, changed, deleted }: Diff,
): Promise<void> {
  await move(moving, from, to, [...added, ...changed]);
  const folder = asFolder(to);
  if (deleted.length === 0) return;
  if (folder.kind === 's3')
    await moving.store.remove(
      folder.bucket,
      deleted.map((path) => folder.key + path),
    );
  else for (const path of deleted) rmSync(join(folder.path, path), { force: true });
}

/** Removes one object, or with `recursive` all below it. Gives back the addresses; with `dryRun`, what would go. */
export async function remove(
  { store }: Moving,
  place: S3Place,
  recursive: boolean,
  dryRun: boolean,
): Promise<string[]> {
  const found = recursive
    ? (await store.list(asFolder(place) as S3Place, true)).map(({ key }) => key)
    : (await store.exists(place))
      ? [place.key]
      : [];
  if (found.length === 0)
    throw new GatherError('S3_FAILED', `there is no ${placeText(place)}`, {
      hints: [`gather s3 ls s3://${place.bucket}/`],
    });
  if (!dryRun) await store.remove(place.bucket, found);
  return found.map((key) => placeText({ ...place, key }));
}

function nothingBelow(place: Place): GatherError {
  return new GatherError('S3_FAILED', `there is nothing below ${placeText(asFolder(place))}`, {
    hints: ['gather s3 ls'],
  });
}

async function move(moving: Moving, from: Place, to: Place, paths: string[]): Promise<void> {
  const { report, signal } = moving;
  await cancellable('stopped; what was copied stays', signal, async () => {
    await eachOf(paths, signal, async (path) => {
      await transfer(moving, below(asFolder(from), path), below(asFolder(to), path));
      report.event({ type: 'note', text: `copied: ${path}` });
    });
    signal.throwIfAborted();
  });
}

/** The files of a folder, which as a target may be absent; those of a bucket that cannot be files here are left out with a warning. */
async function treeOf(
  { store, report }: Moving,
  place: Place,
  other: Place,
  isTarget = false,
): Promise<Tree> {
  if (place.kind === 'local') {
    if (isTarget && !statSync(place.path, { throwIfNoEntry: false })) return new Map();
    return localTree(place.path, () => false, !isTarget);
  }
  const tree = await store.tree(asFolder(place) as S3Place);
  for (const path of other.kind === 'local' ? tree.keys() : [])
    if (!isPath(path)) {
      report.event({ type: 'warning', text: `${JSON.stringify(path)} can be no file here, and is left out` });
      tree.delete(path);
    }
  return tree;
}

function transfer(moving: Moving, from: Place, to: Place): Promise<void> {
  const { store } = moving;
  if (from.kind === 'local') return store.upload(from.path, to as S3Place);
  return to.kind === 's3' ? store.copy(from, to) : store.download(from, to.path);
}

function isFolder(place: Place): boolean {
  if (place.kind === 's3') return place.key === '' || place.key.endsWith('/');
  const stat = statSync(place.path, { throwIfNoEntry: false });
  if (!stat)
    throw new GatherError('FILE_FAILED', 'there is no such file or folder', { where: { file: place.path } });
  return stat.isDirectory();
}

function checkPlaces(from: Place, to: Place): void {
  if (from.kind === 'local' && to.kind === 'local')
    throw new GatherError('USAGE', 'one of the two has to be in a bucket', { hints: ['s3://bucket/key'] });
}

/**
 * Does some work on each, eight at a time, in their order. Begins nothing after the first error, or when `signal` says so, and
 * waits for what is on its way.
 */
export async function eachOf<T>(
  items: T[],
  signal: AbortSignal,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const left = [...items];
  const worker = async () => {
    for (let item = left.shift(); item !== undefined && !signal.aborted; item = left.shift())
      await work(item).catch((error: unknown) => {
        left.length = 0;
        throw error;
      });
  };
  const workers = Array.from({ length: Math.min(AT_ONCE, items.length) }, worker);
  await Promise.allSettled(workers);
  await Promise.all(workers);
}

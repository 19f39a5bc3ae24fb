import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** One file or object: a local file has a path, an object an ETag. */
export interface Entry {
  size: number;
  /** When, in milliseconds since 1970. */
  modified: number;
  etag?: string;
  file?: string;
}

/** Relative path → what is there. */
export type Tree = Map<string, Entry>;

/** What has to happen for a target to be as a source is; each list is sorted. */
export interface Diff {
  added: string[];
  changed: string[];
  /** What only the target has. */
  deleted: string[];
}

/** In bytes, the sizes of parts in which large files are uploaded: by gather itself 64 MiB, by the AWS CLI 8, by mc 16, by others. */
export const PARTS = [64, 8, 16, 5, 15, 32].map((mib) => mib * 1024 * 1024);

/**
 * Compares by size, and by content where the sizes are the same; where an ETag does not tell the content, by time.
 * @param parts the sizes of parts in which an object may have been uploaded
 */
export async function diffTrees(source: Tree, target: Tree, parts = PARTS): Promise<Diff> {
  const added: string[] = [];
  const changed: string[] = [];
  for (const [path, entry] of source) {
    const there = target.get(path);
    if (!there) added.push(path);
    else if (there.size !== entry.size || !(await isSame(entry, there, parts))) changed.push(path);
  }
  const deleted = [...target.keys()].filter((path) => !source.has(path));
  return { added: added.sort(), changed: changed.sort(), deleted: deleted.sort() };
}

/** `+ new.py`, `~ changed.py`, `- gone.py`. */
export function diffLines({ added, changed, deleted }: Diff): string[] {
  const marked = (mark: string, paths: string[]) => paths.map((path) => `${mark} ${path}`);
  return [...marked('+', added), ...marked('~', changed), ...marked('-', deleted)];
}

/** `3 added, 1 changed`. */
export function diffSummary(diff: Diff): string {
  const parts = (['added', 'changed', 'deleted'] as const).map((kind) => [diff[kind].length, kind] as const);
  const said = parts.filter(([number]) => number > 0).map(([number, kind]) => `${number} ${kind}`);
  return said.join(', ') || 'nothing to do';
}

async function isSame(source: Entry, target: Entry, parts: number[]): Promise<boolean> {
  if (source.etag !== undefined && source.etag === target.etag) return true;
  const file = source.file ?? target.file;
  const tag = source.etag ?? target.etag;
  if (file !== undefined && tag !== undefined && (await hasTag(file, source.size, tag, parts))) return true;
  if (![source, target].some(({ etag }) => etag?.includes('-'))) return false;
  // the same bytes in other parts have another ETag: as `aws s3 sync` does (HTTP knows no fractions of a second)
  return Math.floor(source.modified / 1000) <= Math.floor(target.modified / 1000);
}

/** True when a file would get this ETag: the MD5 of its bytes, or of the MD5s of its parts, in one of the usual sizes. */
async function hasTag(file: string, size: number, tag: string, usual: number[]): Promise<boolean> {
  const [hash, count] = tag.split('-');
  if (count === undefined) return (await md5(file)).toString('hex') === hash;
  const parts = usual.filter((part) => Math.ceil(size / part) === Number(count));
  // of a file in one part, its size does not matter
  for (const part of count === '1' ? parts.slice(0, 1) : parts) {
    const whole = createHash('md5');
    for (let start = 0; start < size; start += part) whole.update(await md5(file, start, start + part - 1));
    if (whole.digest('hex') === hash) return true;
  }
  return false;
}

/** Of the bytes from `start` to `end`, both included. */
async function md5(file: string, start = 0, end = Number.POSITIVE_INFINITY): Promise<Buffer> {
  const hash = createHash('md5');
  for await (const chunk of createReadStream(file, { start, end })) hash.update(chunk as Buffer);
  return hash.digest();
}

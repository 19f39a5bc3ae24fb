import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** One file or object: a local file has a path, an object an ETag. */
export interface Entry {
  size: number;
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

/** The size of one part when gather uploads a large file: what the minio package takes. */
const PART = 64 * 1024 * 1024;

/** Compares by size, and by content where the sizes are the same. */
export async function diffTrees(source: Tree, target: Tree): Promise<Diff> {
  const added: string[] = [];
  const changed: string[] = [];
  for (const [path, entry] of source) {
    const there = target.get(path);
    if (!there) added.push(path);
    else if (there.size !== entry.size || !(await isSame(entry, there))) changed.push(path);
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

async function isSame(a: Entry, b: Entry): Promise<boolean> {
  const parted = [a, b].some(({ etag }) => etag?.includes('-'));
  return (await etagOf(a, parted)) === (await etagOf(b, parted));
}

/** An object's own ETag; a file's as it would get one: the MD5 of its bytes, or of the MD5s of its parts. */
async function etagOf({ etag, file, size }: Entry, parted: boolean): Promise<string> {
  if (etag !== undefined || file === undefined) return etag ?? '';
  if (!parted || size === 0) return (await md5(file)).toString('hex');
  const count = Math.max(1, Math.ceil(size / PART));
  const whole = createHash('md5');
  for (let i = 0; i < count; i++) whole.update(await md5(file, i * PART, Math.min(size, (i + 1) * PART) - 1));
  return `${whole.digest('hex')}-${count}`;
}

/** Of the bytes from `start` to `end`, both included. */
async function md5(file: string, start = 0, end = Number.POSITIVE_INFINITY): Promise<Buffer> {
  const hash = createHash('md5');
  for await (const chunk of createReadStream(file, { start, end })) hash.update(chunk as Buffer);
  return hash.digest();
}

import { existsSync, statSync } from 'node:fs';
import { posix } from 'node:path';
import { isBucket } from '../../catalog/check-value.js';
import { GatherError } from '../../output/errors.js';

/** Something that `gather s3` reads or writes: objects of a bucket, or files of this machine. */
export type Place = S3Place | LocalPlace;

export interface LocalPlace {
  kind: 'local';
  path: string;
}

export interface S3Place {
  kind: 's3';
  bucket: string;
  /** Empty for the whole bucket. */
  key: string;
}

/** `s3://bucket/key`, or a path of this machine. Throws USAGE for an address without a bucket. */
export function readPlace(text: string): Place {
  if (!/^s3:/i.test(text)) return { kind: 'local', path: text };
  const [, bucket = '', key = ''] = /^s3:\/\/([^/]*)\/?(.*)$/is.exec(text) ?? [];
  if (!isBucket(bucket))
    throw new GatherError('USAGE', `"${text}" is not the address of a bucket or an object`, {
      hints: ['s3://bucket/key: a bucket has 3 to 63 of a-z, 0-9, - and .'],
    });
  return { kind: 's3', bucket, key };
}

/** The same, for what has to be in a bucket. */
export function readS3Place(text: string): S3Place {
  const place = readPlace(text);
  if (place.kind === 's3') return place;
  throw new GatherError('USAGE', `"${text}" is not in a bucket`, { hints: [`s3://bucket/${text}`] });
}

export function placeText(place: Place): string {
  return place.kind === 's3' ? `s3://${place.bucket}/${place.key}` : place.path;
}

/** The same place as a folder: its key, if it has one, ends with a slash. */
export function asFolder(place: Place): Place {
  return place.kind === 's3' ? { ...place, key: place.key.replace(/\/*$/, place.key ? '/' : '') } : place;
}

/** What lies at a relative path below a folder. */
export function below(folder: Place, path: string): Place {
  if (folder.kind === 's3') return { ...folder, key: folder.key + path };
  return { kind: 'local', path: posix.join(folder.path, path) };
}

/** Where a single file goes: into a folder under its own name, else to exactly that place. */
export function targetOf(from: Place, to: Place): Place {
  const source = from.kind === 's3' ? from.key : from.path;
  const text = to.kind === 's3' ? to.key : to.path;
  const isFolder =
    text === '' ||
    text.endsWith('/') ||
    (to.kind === 'local' && existsSync(to.path) && statSync(to.path).isDirectory());
  return isFolder ? below(asFolder(to), posix.basename(source)) : to;
}

/** True for a key that, below a folder of this machine, is a file in that folder. */
export function isPath(key: string): boolean {
  return !key.includes('\0') && key.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}

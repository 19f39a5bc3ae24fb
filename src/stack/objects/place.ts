import { existsSync, statSync } from 'node:fs';
import path, { type PlatformPath, posix } from 'node:path';
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

/** What lies at a relative path below a folder; the path has slashes, as a key has. */
export function below(folder: Place, key: string, here: PlatformPath = path): Place {
  if (folder.kind === 's3') return { ...folder, key: folder.key + key };
  return { kind: 'local', path: here.join(folder.path, key) };
}

/** Where a single file goes: into a folder under its own name, else to exactly that place. */
export function targetOf(from: Place, to: Place, here: PlatformPath = path): Place {
  const name = from.kind === 's3' ? posix.basename(from.key) : here.basename(from.path);
  const text = to.kind === 's3' ? to.key : to.path;
  const isFolder =
    text === '' ||
    text.endsWith('/') ||
    (to.kind === 'local' && (text.endsWith(here.sep) || isFolderOf(to.path)));
  return isFolder ? below(asFolder(to), name, here) : to;
}

function isFolderOf(file: string): boolean {
  return existsSync(file) && statSync(file).isDirectory();
}

/** True for a key that, below a folder of this machine, is a file in that folder. */
export function isPath(key: string, here: PlatformPath = path): boolean {
  // there a backslash leads out of the folder, and a colon to another drive
  if (here.sep === '\\' && /[\\:]/.test(key)) return false;
  return !key.includes('\0') && key.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}

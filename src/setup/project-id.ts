import { createHash, randomBytes } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { basename } from 'node:path';

/** A new GATHER_PROJECT_ID. It is no secret: it only tells one project from another. */
export function newProjectId(): string {
  return randomBytes(8).toString('hex');
}

/** The folder's name as Compose allows it, with a mark of its path: two folders of one name are two stacks. */
export function projectName(folder: string): string {
  let path = folder;
  try {
    path = realpathSync(folder);
  } catch {
    // not made yet: its name is all there is
  }
  const slug =
    basename(path)
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/^-+|-+$/g, '') || 'gather';
  return `${slug}-${createHash('sha256').update(path).digest('hex').slice(0, 4)}`;
}

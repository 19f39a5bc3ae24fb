import { readFileSync } from 'node:fs';
import { asRoot } from '../../machine/sudo.js';
import type { ManagedPaths } from './paths.js';

/** Unmounts what a killed dockerd left: its data root bound onto itself, containers' file systems, network namespaces. */
export async function unmountLeftovers(paths: ManagedPaths): Promise<void> {
  const inside = mountPoints().filter((path) => isUnder(path, paths.root) || isUnder(path, paths.run));
  // The last mounted first; each is there as often as it was mounted.
  for (const path of inside.reverse()) {
    // The last process of a container may need a moment more to let go of it.
    await asRoot(['umount', path]).catch(() => asRoot(['umount', '--lazy', path]).catch(() => undefined));
  }
}

/** The fifth word of a line; spaces and the like stand in it as octal numbers. */
function mountPoints(): string[] {
  const lines = readFileSync('/proc/self/mountinfo', 'utf8').split('\n').filter(Boolean);
  return lines.map((line) =>
    (line.split(' ')[4] ?? '').replace(/\\([0-7]{3})/g, (_, code: string) =>
      String.fromCharCode(Number.parseInt(code, 8)),
    ),
  );
}

function isUnder(path: string, folder: string): boolean {
  return path.startsWith(`${folder}/`);
}

import { realpathSync } from 'node:fs';
import { join } from 'node:path';
import type { EngineApi } from '../../engine/api.js';
import { textOrNone } from '../../machine/read-file.js';
import type { Reporter } from '../../output/events.js';
import { ensureFolder, writeAtomic } from '../../project/files.js';
import { assertInside } from '../../project/inside.js';
import { FILES, type Project } from '../../project/project.js';
import { ownerOf } from '../identity.js';

/** Below the project, ignored by git: where it was when its stack was last looked at. */
const FILE = join(FILES.state, 'place.json');

/**
 * Says once that the project is in another folder than the one where its stack and its data were made. What the engine has cannot be
 * marked anew, so gather remembers the place; without its memory it says so once more.
 */
export async function tellOfMove(docker: EngineApi, project: Project, report: Reporter): Promise<void> {
  const here = realpathSync(project.folder);
  if (lastPlace(project.folder) === here) return;
  const verdict = await ownerOf(docker, project);
  if (verdict.kind !== 'ours') return;
  if (verdict.moved) report.event({ type: 'moved', to: here, ...verdict.moved });
  keepPlace(here);
}

function lastPlace(folder: string): string | undefined {
  try {
    return (JSON.parse(textOrNone(join(folder, FILE))) as { folder?: string }).folder;
  } catch {
    return undefined;
  }
}

/** A folder that cannot be written is no reason to fail. */
function keepPlace(folder: string): void {
  try {
    assertInside(folder, join(folder, FILE));
    ensureFolder(join(folder, FILES.state));
    writeAtomic(join(folder, FILE), `${JSON.stringify({ folder })}\n`);
  } catch {
    // it is said again
  }
}

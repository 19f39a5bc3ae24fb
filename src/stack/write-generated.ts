import { changeProject, type WriterOptions } from '../project/transaction.js';
import { type Rewritten, staleFiles, writeStale } from '../setup/write-generated.js';
import { type OpenProject, openProject } from './open.js';

/**
 * Brings the generated files in step with gather.yaml and `.env`, which are read anew under the project's lock. Where nothing is out
 * of step, nothing is locked: a folder that cannot be written is no fault then.
 * @throws GatherError OUT_OF_DATE for a file that a person has changed
 */
export async function writeGenerated(
  { project, blueprint }: OpenProject,
  home: string,
  options: WriterOptions = {},
): Promise<Rewritten> {
  if (staleFiles(project, blueprint).length === 0) return { written: [], removed: [] };
  return changeProject(project.folder, options, () => {
    const now = openProject(project.folder, home);
    return writeStale(now.project, staleFiles(now.project, now.blueprint));
  });
}

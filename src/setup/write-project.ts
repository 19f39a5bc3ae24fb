import { join, resolve } from 'node:path';
import type { Blueprint } from '../catalog/blueprint.js';
import { ensureFolder, readIfThere, writeAtomic } from '../project/files.js';
import { FILES, type Project } from '../project/project.js';
import { copyExamples } from './examples.js';
import { ignoreSecrets } from './gitignore.js';
import { staleFiles, writeStale } from './write-generated.js';

export interface WriteOptions {
  manifestText: string;
  /** gather's own examples, and those of them that this stack has no use for. */
  examples: string;
  unusedExamples: string[];
  /** Takes a line about each file that is not written because a person has changed it. */
  notes: string[];
}

/** Writes every file of a project that is not as it should be; `.env` for its owner's eyes only. Returns their paths. */
export function writeProject(project: Project, blueprint: Blueprint, options: WriteOptions): string[] {
  const { folder, env } = project;
  const files: string[] = [];
  const write = (path: string, text: string, mode?: number) => {
    if (writeAtomic(join(folder, path), text, mode === undefined ? {} : { mode })) files.push(path);
  };

  ensureFolder(folder);
  const ignored = ignoreSecrets(readIfThere(join(folder, FILES.gitignore)));
  if (ignored) write(FILES.gitignore, ignored);
  write(FILES.manifest, options.manifestText);
  const { examples, unusedExamples } = options;
  const shared = resolve(folder, env.get('AIRFLOW_PROJ_DIR') ?? '.');
  files.push(...copyExamples(examples, folder, blueprint.folders, unusedExamples, shared));
  const owner = ownerOfLogs(env.get('AIRFLOW_UID'), env.get('AIRFLOW_GID'));
  for (const name of blueprint.folders)
    ensureFolder(join(shared, name), name === 'logs' && owner ? { owner } : {});
  write(FILES.env, env.toString(), 0o600);

  const stale = staleFiles(project, blueprint);
  const edited = stale.filter((one) => one.why === 'changed by hand');
  for (const { file } of edited)
    options.notes.push(
      `${file.path} was changed by hand and is kept: move the changes to ${FILES.override}, then \`gather render --force\``,
    );
  files.push(
    ...writeStale(
      project,
      stale.filter((one) => !edited.includes(one)),
    ),
  );
  return files;
}

/** Airflow's own user where root works for a team; else whoever runs gather, as everywhere. */
function ownerOfLogs(uid = '50000', gid = '0'): { uid: number; gid: number } | undefined {
  return process.getuid?.() === 0 ? { uid: Number(uid), gid: Number(gid) } : undefined;
}

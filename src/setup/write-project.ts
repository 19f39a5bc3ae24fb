import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Blueprint } from '../catalog/blueprint.js';
import { type Applied, type Choice, sameChoice } from '../project/applied.js';
import { ensureFolder, readIfThere } from '../project/files.js';
import { assertInside } from '../project/inside.js';
import type { Manifest } from '../project/manifest.js';
import { FILES, PROJECT_ID } from '../project/project.js';
import type { ProjectDraft } from '../project/transaction.js';
import { choiceOf } from './applied-choices.js';
import { copyExamples } from './examples.js';
import { writtenDefaults } from './follow-defaults.js';
import { ignoreSecrets } from './gitignore.js';
import { staleFiles, writeStale } from './write-generated.js';

export interface WriteOptions {
  manifestText: string;
  /** Whose defaults `.env` may hold until now. */
  choices: Choice[];
  /** gather's own examples, and those of them that this stack has no use for. */
  examples: string;
  unusedExamples: string[];
  /** Takes a line about each file that is not written because a person has changed it. */
  notes: string[];
}

/**
 * Writes every file of a project that is not as it should be; `.env` for its owner's eyes only. Returns their paths. Killed
 * anywhere, the same call does the rest: what `.env` may hold is written down before it, what it does hold when all is done.
 */
export function writeProject(
  draft: ProjectDraft,
  manifest: Manifest,
  blueprint: Blueprint,
  options: WriteOptions,
): string[] {
  const { folder, env } = draft;
  const files: string[] = [];
  const project = { folder, manifest, env, hasEnv: true };
  // before any of them is written
  const secrets = staleFiles(project, blueprint).flatMap(({ file }) =>
    file.mode === 0o600 ? [file.path] : [],
  );
  const ignored = ignoreSecrets(readIfThere(join(folder, FILES.gitignore)), secrets);
  if (ignored && draft.write(FILES.gitignore, ignored)) files.push(FILES.gitignore);
  const choice = choiceOf(manifest);
  const defaults = draft.applied?.defaults ?? {};
  const made = madeOf(draft);
  const others = options.choices.filter((one) => !sameChoice(one, choice));
  draft.remember({ choices: [...others, choice], defaults, made });
  files.push(...draft.save(options.manifestText));

  const { examples, unusedExamples } = options;
  // where dags/ and its like are is a person's word in .env; what lies there must not lead elsewhere
  const shared = resolve(folder, env.get('AIRFLOW_PROJ_DIR') ?? '.');
  files.push(...copyExamples(examples, folder, blueprint.folders, unusedExamples, shared));
  const owner = ownerOfLogs(env.get('AIRFLOW_UID'), env.get('AIRFLOW_GID'));
  for (const name of blueprint.folders) {
    const takesOwner = name === 'logs' && owner !== undefined;
    if (takesOwner || !existsSync(join(shared, name))) assertInside(shared, join(shared, name));
    ensureFolder(join(shared, name), takesOwner ? { owner } : {});
  }

  const stale = staleFiles(project, blueprint);
  const edited = stale.filter((one) => one.why === 'changed by hand');
  for (const { file } of edited)
    options.notes.push(
      `${file.path} was changed by hand and is kept: move the changes to ${FILES.override}, then \`gather render --force\``,
    );
  const { written, removed } = writeStale(
    project,
    stale.filter((one) => !edited.includes(one)),
  );
  files.push(...written);
  if (removed.length)
    options.notes.push(`removed, since nothing is rendered for it any more: ${removed.join(', ')}`);
  draft.remember({ choices: [choice], defaults: writtenDefaults(blueprint.variables, env), made });
  return files;
}

/** Of a `.env` that is made anew; data that is older than its secrets belongs to others. */
function madeOf({ hasEnv, env, applied }: ProjectDraft): Applied['made'] {
  const id = env.get(PROJECT_ID) ?? '';
  if (!hasEnv) return { id, at: new Date().toISOString() };
  return applied?.made?.id === id ? applied.made : undefined;
}

/** Airflow's own user where root works for a team; else whoever runs gather, as everywhere. */
function ownerOfLogs(uid = '50000', gid = '0'): { uid: number; gid: number } | undefined {
  return process.getuid?.() === 0 ? { uid: Number(uid), gid: Number(gid) } : undefined;
}

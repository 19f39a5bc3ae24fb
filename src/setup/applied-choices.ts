import { join } from 'node:path';
import { type Choice, readApplied, sameChoice } from '../project/applied.js';
import { readIfThere } from '../project/files.js';
import { type Manifest, parseManifest } from '../project/manifest.js';
import { FILES, type Project } from '../project/project.js';
import type { ProjectState } from '../project/transaction.js';

/** What a gather.yaml chooses, as far as defaults depend on it. */
export function choiceOf({ topology, airflow, components }: Manifest): Choice {
  return { topology, airflow, components };
}

/**
 * The stacks whose defaults `.env` may hold: what gather remembers; without its memory (it is ignored by git) what compose.yaml
 * was rendered for; else what gather.yaml says. None while there is no project.
 */
export function appliedChoices(
  folder: string,
  { applied, manifestText }: Pick<ProjectState, 'applied' | 'manifestText'>,
): Choice[] {
  if (applied) return applied.choices;
  if (manifestText === undefined) return [];
  return [renderedChoice(folder, choiceOf(parseManifest(manifestText, join(folder, FILES.manifest))))];
}

function renderedChoice(folder: string, manifest: Choice): Choice {
  const rendered = /^# Topology (\S+), Airflow (\d+\.\d+\.\d+)\./m.exec(
    readIfThere(join(folder, FILES.compose)) ?? '',
  );
  const [, topology, airflow] = rendered ?? [];
  return topology && airflow ? { ...manifest, topology, airflow } : manifest;
}

/** True when gather.yaml chooses something else than `.env` was last brought in step with, or a change was cut short. */
export function isBehind({ folder, manifest, hasEnv }: Project): boolean {
  if (!hasEnv) return false;
  const now = choiceOf(manifest);
  const choices = readApplied(join(folder, FILES.state))?.choices ?? [renderedChoice(folder, now)];
  return choices.some((choice) => !sameChoice(choice, now));
}

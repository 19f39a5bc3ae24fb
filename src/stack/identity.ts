import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import type { EngineApi } from '../engine/api.js';
import { stackName } from '../engine/compose.js';
import { GatherError } from '../output/errors.js';
import { readApplied } from '../project/applied.js';
import { FILES, PROJECT_ID, type Project, readEnv } from '../project/project.js';
import { evidenceOf } from './owner/evidence.js';
import { type Claimant, type Evidence, type Holds, type Verdict, whose } from './owner/verdict.js';

/** Whose the stack and the data are that the engine has under this project's name. */
export async function ownerOf(docker: EngineApi, project: Project): Promise<Verdict> {
  const found = await evidenceOf(docker, stackName(project));
  return whose(claimantOf(project), withRealPaths(found), holds);
}

/**
 * Throws STACK_FOREIGN when what the engine has under this project's name belongs to another folder: a copied project is its
 * own stack, and must not take over, show, or delete the other one. A folder that was moved is itself.
 * @returns the verdict, for who has more to ask
 */
export async function assertOwnStack(docker: EngineApi, project: Project): Promise<Verdict> {
  const verdict = await ownerOf(docker, project);
  if (verdict.kind !== 'other') return verdict;
  const name = stackName(project);
  throw new GatherError(
    'STACK_FOREIGN',
    `the stack ${name} belongs to ${verdict.folder}; this folder has the same name in its .env`,
    {
      details: verdict.volumes.map((volume) => `its data: ${volume}`),
      hints: [`for a stack of its own, with its own data: gather env set COMPOSE_PROJECT_NAME ${name}-2`],
    },
  );
}

/** The same, for who is going to put new secrets before the data: throws STACK_FOREIGN when they would not open it. */
export async function assertOwnData(docker: EngineApi, project: Project): Promise<void> {
  const verdict = await assertOwnStack(docker, project);
  if (verdict.kind === 'earlier')
    throw envWasLost(
      `the data of ${stackName(project)} was made with another .env of this folder, and the secrets of this one do not open it`,
      verdict.volumes,
      stackName(project),
    );
}

/** @param things volumes, and whatever else there is, in words */
export function envWasLost(message: string, things: string[], stack: string): GatherError {
  const volumes = things.filter((one) => !one.includes(' '));
  return new GatherError('STACK_FOREIGN', message, {
    details: things,
    hints: [
      'put the .env back that belongs to it',
      `start beside it, with new data: gather init --yes --set COMPOSE_PROJECT_NAME=${stack}-2`,
      ...(volumes.length ? [`or delete that data for good: docker volume rm ${volumes.join(' ')}`] : []),
    ],
  });
}

function claimantOf(project: Project): Claimant {
  const id = project.env.get(PROJECT_ID) || undefined;
  const made = readApplied(join(project.folder, FILES.state))?.made;
  const madeAt = id !== undefined && made?.id === id ? Date.parse(made.at) : Number.NaN;
  return {
    folder: realpathSync(project.folder),
    stack: stackName(project),
    id,
    madeAt: Number.isNaN(madeAt) ? undefined : madeAt,
  };
}

export const holds: Holds = (folder) => {
  if (!existsSync(folder)) return undefined;
  try {
    const { env, hasEnv } = readEnv(folder);
    return hasEnv ? { id: env.get(PROJECT_ID), stack: env.get('COMPOSE_PROJECT_NAME') ?? '' } : undefined;
  } catch {
    return 'unreadable';
  }
};

export function withRealPaths({ volumes, containerFolders }: Evidence): Evidence {
  const real = (folder: string) => (existsSync(folder) ? realpathSync(folder) : folder);
  return { volumes, containerFolders: [...new Set(containerFolders.map(real))] };
}

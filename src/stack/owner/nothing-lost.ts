import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { connect, type EngineApi } from '../../engine/api.js';
import { findEngine } from '../../engine/discover.js';
import { FILES } from '../../project/project.js';
import { projectName } from '../../setup/project-id.js';
import { envWasLost } from '../identity.js';
import { evidenceOf, evidenceOfFolder } from './evidence.js';

/**
 * Before a `.env` is made: throws STACK_FOREIGN when the engine has containers or data that were made from this folder, which new
 * secrets would not open. Where no engine answers nothing can be known; `gather up` asks again, by the id and the age of the data.
 * @param named the name that a person wants the stack to have: what is under another one is in nobody's way then
 */
export async function assertNothingLost(folder: string, signal: AbortSignal, named?: string): Promise<void> {
  if (!existsSync(folder) || existsSync(join(folder, FILES.env))) return;
  const { engine } = await findEngine(signal).catch((error: unknown) => {
    if (signal.aborted) throw error;
    return { engine: undefined };
  });
  if (engine) await assertNothingThere(await connect(engine, signal), folder, named);
}

export async function assertNothingThere(docker: EngineApi, folder: string, named?: string): Promise<void> {
  const here = realpathSync(folder);
  const stack = named ?? projectName(folder);
  const found = await Promise.all([
    evidenceOf(docker, stack),
    ...(named === undefined ? [evidenceOfFolder(docker, here)] : []),
  ]);
  const isHere = (other: string | undefined) => other === undefined || other === here;
  const volumes = found.flatMap((one) => one.volumes).filter((volume) => isHere(volume.folder));
  const runs = found.some((one) => one.containerFolders.some(isHere));
  if (volumes.length === 0 && !runs) return;
  const names = [...new Set(volumes.map(({ name }) => name))].sort();
  throw envWasLost(
    'there is no .env here, but a stack or data of this folder, which new secrets would not open',
    [...names, ...(runs ? [`containers of ${stack}`] : [])],
    stack,
  );
}

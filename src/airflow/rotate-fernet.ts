import { serviceOf } from '../catalog/blueprint.js';
import { generate } from '../catalog/generate.js';
import { connect } from '../engine/api.js';
import { compose, runCompose, type Stack, stackName } from '../engine/compose.js';
import { findEngine } from '../engine/discover.js';
import type { Engine } from '../engine/engine.js';
import { GatherError } from '../output/errors.js';
import type { Reporter } from '../output/events.js';
import { lastLines } from '../output/text.js';
import { findProject } from '../project/project.js';
import { changeProject } from '../project/transaction.js';
import { assertOwnStack } from '../stack/identity.js';
import { listContainers } from '../stack/observe/containers.js';
import { volumesOf } from '../stack/observe/volumes.js';
import { foldedWanted } from '../stack/observe/wanted.js';
import { openProject } from '../stack/open.js';
import { redactor } from '../stack/redact.js';
import { isBundled } from '../stack/state/database.js';

export const FERNET_KEY = 'AIRFLOW__CORE__FERNET_KEY';

/**
 * The engine on which stored values have to be encrypted anew before the Fernet key may change; undefined when nothing can
 * be stored yet, and the key may simply be replaced. Throws STACK_NOT_RUNNING when something may be stored, and nothing
 * that could read it runs.
 */
export async function engineForKeyRotation(
  folder: string,
  home: string,
  signal: AbortSignal,
): Promise<Engine | undefined> {
  if (!findProject(folder)) return undefined;
  const open = openProject(folder, home);
  if (!open.project.env.get(FERNET_KEY)) return undefined;
  const { engine } = await findEngine(signal);
  const name = stackName(open.project);
  const docker = engine && (await connect(engine, signal));
  if (docker) await assertOwnStack(docker, open.project);
  const containers = docker ? await listContainers(docker, name, foldedWanted(open)) : [];
  const volumes = docker ? await volumesOf(docker, name) : [];
  if (engine && volumes.length === 0 && isBundled(open)) return undefined;
  if (
    engine &&
    containers.some((one) => one.service === open.blueprint.provides.scheduler && one.state === 'healthy')
  )
    return engine;
  throw new GatherError(
    'STACK_NOT_RUNNING',
    'the database may hold connections that only the present Fernet key can read',
    { hints: ['gather up, then again: stored values are then encrypted with the new key'] },
  );
}

export interface Rotation {
  folder: string;
  home: string;
  engine: Engine;
  report: Reporter;
  signal: AbortSignal;
}

/**
 * Gives a running stack a new Fernet key without losing what is stored: `.env` and the services first hold both keys, so
 * that everything can be read at any moment; Airflow encrypts everything anew; then the old key goes. This takes minutes, in which
 * `.env` is nobody's: each time only the key is changed in what it holds then.
 * @param run how compose is run; `shown` also gives back what it said
 */
export async function rotateFernetKey(
  { folder, home, engine, report, signal }: Rotation,
  run: { quietly: typeof compose; shown: typeof runCompose } = { quietly: compose, shown: runCompose },
): Promise<void> {
  const fresh = generate('fernet-key');
  const old = await changeKeys(folder, report, (keys) => [fresh, ...keys]);
  const open = openProject(folder, home);
  const { project } = open;
  const stack: Stack = { engine, project, profiles: [], signal };
  report.event({ type: 'note', text: 'handing both Fernet keys to the services' });
  await run.quietly(stack, ['up', '--detach', '--no-build']);
  report.event({ type: 'note', text: 'encrypting stored connections and variables with the new Fernet key' });
  // `.env` holds both keys now, and Compose hands them to the container: nothing secret in argv
  const rotation = ['run', '--rm', '--no-deps', '-T', serviceOf(open.blueprint, 'cli'), 'rotate-fernet-key'];
  const { exitCode, stderr } = await run.shown({ ...stack, profiles: ['debug'] }, rotation, {
    stdin: 'ignore',
  });
  if (exitCode !== 0)
    throw new GatherError(
      'COMMAND_FAILED',
      'airflow rotate-fernet-key failed; .env holds both keys, so nothing is unreadable',
      {
        details: lastLines(stderr, 10).map(redactor(open.blueprint, project.env)),
        hints: ['gather logs', `gather init --yes --rotate ${FERNET_KEY}`],
      },
    );
  await changeKeys(folder, report, (keys) => keys.filter((key) => !old.includes(key)));
}

/** Changes the list of keys in `.env` as it is now. Returns the list that was there. */
async function changeKeys(
  folder: string,
  report: Reporter,
  change: (keys: string[]) => string[],
): Promise<string[]> {
  return changeProject(folder, { report }, (draft) => {
    const keys = (draft.env.get(FERNET_KEY) ?? '').split(',').filter(Boolean);
    draft.env.set(FERNET_KEY, change(keys).join(','));
    draft.save();
    return keys;
  });
}

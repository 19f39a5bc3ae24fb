import { join } from 'node:path';
import { generate } from '../airflow/generate.js';
import { composeInherit, type Stack, stackName } from '../engine/compose.js';
import { findEngine } from '../engine/discover.js';
import { connect } from '../engine/docker.js';
import { GatherError } from '../output/errors.js';
import type { Reporter } from '../output/events.js';
import { writeAtomic } from '../project/files.js';
import { FILES, findProject } from '../project/project.js';
import { listContainers } from './containers.js';
import { isBundled } from './database.js';
import { openProject } from './open.js';
import { shapeOf } from './shape.js';

const KEY = 'AIRFLOW__CORE__FERNET_KEY';

/**
 * Gives a stack a new Fernet key without losing what is stored: `.env` first holds both keys, Airflow encrypts everything
 * anew, then the old key goes. Takes the name out of `rotate` when it has done that. Throws STACK_NOT_RUNNING when there is
 * a database that may hold encrypted values, and nothing that could read it runs.
 */
export async function rotateFernetKey(
  folder: string,
  home: string,
  rotate: Set<string>,
  report: Reporter,
): Promise<string[]> {
  if (!rotate.has(KEY) || !findProject(folder)) return [];
  const open = openProject(folder, home);
  const { project } = open;
  const old = project.env.get(KEY);
  if (!old) return [];
  const { engine } = await findEngine();
  const docker = engine && (await connect(engine));
  const name = stackName(project);
  const containers = docker ? await listContainers(docker, name, shapeOf(open.blueprint)) : [];
  const volumes = docker
    ? (await docker.listVolumes({ filters: { label: [`com.docker.compose.project=${name}`] } })).Volumes
    : [];
  const external = !isBundled(open);
  if (engine && volumes.length === 0 && !external) return [];
  if (!engine || !containers.some((one) => one.service === 'airflow-scheduler' && one.state === 'healthy'))
    throw new GatherError(
      'STACK_NOT_RUNNING',
      'the database may hold connections that only the present Fernet key can read',
      {
        hints: ['gather up, then again: stored values are then encrypted with the new key'],
      },
    );

  const fresh = generate('fernet-key');
  const save = (value: string) => {
    project.env.set(KEY, value);
    writeAtomic(join(project.folder, FILES.env), project.env.toString(), { mode: 0o600 });
  };
  save(`${fresh},${old}`);
  report.event({ type: 'note', text: 'encrypting stored connections and variables with the new Fernet key' });
  const stack: Stack = { engine, project, profiles: ['debug'] };
  // `.env` holds both keys now, and Compose hands them to the container: nothing secret in argv
  const code = await composeInherit(stack, [
    'run',
    '--rm',
    '--no-deps',
    '-T',
    'airflow-cli',
    'rotate-fernet-key',
  ]);
  if (code !== 0)
    throw new GatherError(
      'COMMAND_FAILED',
      'airflow rotate-fernet-key failed; .env holds both keys, so nothing is unreadable',
      {
        hints: ['gather logs', `gather init --yes --rotate ${KEY}`],
      },
    );
  save(fresh);
  rotate.delete(KEY);
  return ['stored values are encrypted with the new Fernet key: `gather up` hands it to the services'];
}

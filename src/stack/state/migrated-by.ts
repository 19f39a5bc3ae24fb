import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EngineApi } from '../../engine/api.js';
import { stackName } from '../../engine/compose.js';
import { GatherError } from '../../output/errors.js';
import { writeAtomic } from '../../project/files.js';
import { FILES, type Project } from '../../project/project.js';
import { isSettled, type StackContainer } from '../observe/containers.js';
import { evidenceOf } from '../owner/evidence.js';
import type { VolumeEvidence } from '../owner/verdict.js';

/** Which Airflow last had a database, and what it was stored in: another volume of that name is another database. */
interface Migration {
  airflow: string;
  /** Volume → when it was made. */
  volumes: Record<string, number>;
}

/** Below the project, ignored by git: a second source, for a stack that is down. */
const FILE = join(FILES.state, 'database.json');

/**
 * Throws PREFLIGHT_FAILED when the stack's database has had the migrations of a newer line of Airflow than the one that is to start:
 * an older Airflow cannot read them, and would be told so only after it had replaced what works. The containers of the stack count
 * (those that ended well or are healthy have seen the database), then what gather wrote down.
 */
export async function assertNotOlder(
  docker: EngineApi,
  project: Project,
  containers: StackContainer[],
): Promise<void> {
  const { volumes } = await evidenceOf(docker, stackName(project));
  const recorded = readMigration(project.folder);
  const isSame = Object.entries(recorded?.volumes ?? {}).every(([name, at]) =>
    volumes.some((volume) => volume.name === name && volume.createdAt === at),
  );
  const ran = await Promise.all(containers.filter(isSettled).map(({ id }) => airflowOf(docker, id)));
  const versions = [...ran, isSame ? recorded?.airflow : undefined].filter((one) => one !== undefined);
  const newest = versions.sort((a, b) => lineOf(a) - lineOf(b)).at(-1);
  const wanted = project.manifest.airflow;
  if (newest === undefined || lineOf(newest) <= lineOf(wanted)) return;
  throw new GatherError(
    'PREFLIGHT_FAILED',
    `the database is at the migrations of Airflow ${newest}, which Airflow ${wanted} cannot read; nothing was changed`,
    {
      where: project.manifest.at?.(['airflow']),
      hints: [
        `stay with it: gather init --yes --airflow ${newest}`,
        `start beside it, with a new database: gather env set COMPOSE_PROJECT_NAME ${stackName(project)}-2`,
        'or delete the data: gather down --volumes',
      ],
    },
  );
}

/** Writes down which Airflow has the database now. A file that cannot be written is no fault: the containers say the same. */
export async function recordMigration(docker: EngineApi, project: Project): Promise<void> {
  const { volumes } = await evidenceOf(docker, stackName(project));
  const migration: Migration = { airflow: project.manifest.airflow, volumes: madeAt(volumes) };
  try {
    mkdirSync(join(project.folder, FILES.state), { recursive: true });
    writeAtomic(join(project.folder, FILE), `${JSON.stringify(migration)}\n`);
  } catch {}
}

function readMigration(folder: string): Migration | undefined {
  try {
    const read = JSON.parse(readFileSync(join(folder, FILE), 'utf8')) as Partial<Migration>;
    return typeof read.airflow === 'string'
      ? { airflow: read.airflow, volumes: read.volumes ?? {} }
      : undefined;
  } catch {
    return undefined;
  }
}

function madeAt(volumes: VolumeEvidence[]): Migration['volumes'] {
  return Object.fromEntries(volumes.map(({ name, createdAt }) => [name, createdAt]));
}

/** As Airflow's official image and gather's own say it. */
async function airflowOf(docker: EngineApi, id: string): Promise<string | undefined> {
  const { Config } = await docker.inspectContainer(id);
  const [, version] = /^AIRFLOW_VERSION=(\d+\.\d+\.\d+)$/m.exec((Config?.Env ?? []).join('\n')) ?? [];
  return version;
}

/** 2.11 and 3.3 as numbers that compare: within a line there is a way back, as a rule. */
function lineOf(version: string): number {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major * 1000 + minor;
}

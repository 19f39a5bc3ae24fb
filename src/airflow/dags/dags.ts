import { serviceOf } from '../../catalog/blueprint.js';
import { lookupOf } from '../../catalog/lookup.js';
import { GatherError } from '../../output/errors.js';
import { nearest } from '../../output/nearest.js';
import { linksOf } from '../../render/project-files.js';
import { askReach, type Reach } from '../../stack/observe/reach.js';
import { assertOwnAnswers, type OpenProject } from '../../stack/open.js';
import { AirflowRest, type ImportError } from '../api/rest.js';
import { dagSource } from './source.js';

/** A file of DAGs that Airflow cannot import. */
export interface BrokenFile {
  /** Relative to the project: `dags/report.py`. */
  file: string;
  /** The line of that file at which Python gave up. */
  line: number | undefined;
  /** The last line of the traceback: what went wrong. */
  message: string;
  trace: string[];
}

/** What `gather status` says of the DAGs. */
export interface DagSummary {
  dags: number;
  paused: number;
  importErrors: { file: string; message: string }[];
}

interface RestOptions {
  timeoutMs?: number;
  signal?: AbortSignal;
  /** Where the stack is, for who knows it already. */
  reach?: Reach;
}

/**
 * A client of the stack's Airflow, at the port that the web server itself publishes: a stack without a proxy has it, too. Throws when
 * `.env` lacks the login.
 */
export async function restOf(
  open: OpenProject,
  { reach, ...options }: RestOptions = {},
): Promise<AirflowRest> {
  const { login } = open.blueprint;
  const lookup = lookupOf(open.blueprint, open.project.env);
  const username = lookup(login?.username ?? '');
  const password = lookup(login?.password ?? '');
  if (!username || !password)
    throw new GatherError('ENV_INVALID', 'gather cannot log in at Airflow: .env has no user and password', {
      hints: login ? [`gather env set ${username ? login.password : login.username}`] : [],
    });
  const source = dagSource(open);
  const there = reach ?? (await askReach(open, options.signal));
  return new AirflowRest({
    base: there.toService(serviceOf(open.blueprint, 'web')),
    major: Number(open.blueprint.airflow.split('.')[0]),
    login: { username, password },
    nameOf: (path) => source.projectPath(path),
    ...options,
  });
}

/** The same for a command: the address and the password are this project's. Throws STACK_FOREIGN when another's stack is there. */
export async function ownRestOf(
  open: OpenProject,
  options: { signal: AbortSignal; reach?: Reach },
): Promise<AirflowRest> {
  await assertOwnAnswers(open, options.signal);
  return restOf(open, options);
}

/**
 * For what only reads: asks Airflow while the engine is asked whose stack it is, which takes as long. An answer of another's stack is
 * thrown away, and STACK_FOREIGN thrown.
 */
export async function ownAnswer<T>(
  open: OpenProject,
  signal: AbortSignal,
  ask: (rest: AirflowRest) => Promise<T>,
): Promise<T> {
  const [own, answer] = await Promise.allSettled([
    assertOwnAnswers(open, signal),
    restOf(open, { signal }).then(ask),
  ]);
  if (own.status === 'rejected') throw own.reason;
  if (answer.status === 'rejected') throw answer.reason;
  return answer.value;
}

/** How many DAGs there are and which files are broken; undefined when Airflow does not answer within `timeoutMs`. */
export async function dagSummary(
  open: OpenProject,
  reach: Reach,
  signal?: AbortSignal,
  timeoutMs = 2000,
): Promise<DagSummary | undefined> {
  const deadline = AbortSignal.timeout(timeoutMs);
  try {
    const all = signal ? AbortSignal.any([signal, deadline]) : deadline;
    const rest = await restOf(open, { timeoutMs, signal: all, reach });
    const [count, errors] = await Promise.all([rest.dagCount(), rest.importErrors()]);
    const importErrors = errors.map(brokenFile).map(({ file, message }) => ({ file, message }));
    return { ...count, importErrors };
  } catch (error) {
    if (signal?.aborted) throw error;
    if (error instanceof GatherError || deadline.aborted) return undefined;
    throw error;
  }
}

/** The import errors as a person reads them: the file in the project, the line, the reason. */
export async function brokenFiles(rest: AirflowRest): Promise<BrokenFile[]> {
  return (await rest.importErrors()).map(brokenFile).sort((a, b) => (a.file < b.file ? -1 : 1));
}

/** The error for a DAG that Airflow does not know: the name that is near, or the broken file that may hold it. */
export async function unknownDag(rest: AirflowRest, id: string): Promise<GatherError> {
  const [dags, broken] = await Promise.all([rest.dags(), brokenFiles(rest)]);
  const near = nearest(
    id,
    dags.map((dag) => dag.id),
  );
  return new GatherError(
    'DAG_NOT_FOUND',
    `Airflow knows no DAG "${id}"${near ? `; did you mean "${near}"?` : ''}`,
    {
      details: broken.map((one) => `${placeOf(one)} cannot be imported: ${one.message}`),
      hints: broken.length ? ['gather dags errors', 'gather dags list'] : ['gather dags list'],
    },
  );
}

/** `dags/report.py:12`. */
export function placeOf({ file, line }: Pick<BrokenFile, 'file' | 'line'>): string {
  return line === undefined ? file : `${file}:${line}`;
}

/** Where a person opens the web UI: through the proxy, where there is one. */
export function webSite(open: OpenProject, reach: Reach): string | undefined {
  const lookup = lookupOf(open.blueprint, open.project.env);
  return linksOf(open.blueprint, lookup, { follow: (address) => reach.to(address) }).Airflow;
}

export function brokenFile({ file, path, trace }: Omit<ImportError, 'at'>): BrokenFile {
  const lines = trace.split('\n').filter((line) => line.trim() !== '');
  const frames = [...trace.matchAll(/File "([^"]+)", line (\d+)/g)].filter(([, frame = '']) =>
    frame.endsWith(path),
  );
  const line = frames.at(-1)?.[2];
  return {
    file,
    line: line === undefined ? undefined : Number(line),
    message: (lines.at(-1) ?? 'no reason given').trim(),
    trace: lines,
  };
}

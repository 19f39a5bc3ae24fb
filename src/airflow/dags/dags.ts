import { callable } from '../../catalog/bind.js';
import { lookupOf } from '../../catalog/lookup.js';
import { GatherError } from '../../output/errors.js';
import { nearest } from '../../output/nearest.js';
import { interpolate } from '../../project/interpolate.js';
import { fold, whole } from '../../render/fold.js';
import { isMap } from '../../render/merge.js';
import { linksOf } from '../../render/project-files.js';
import type { OpenProject } from '../../stack/open.js';
import { AirflowRest, type ImportError } from '../api/rest.js';
import { dagSource } from './source.js';

/** The network alias of whichever service is the web server, in Airflow 2 and 3. */
const WEB_ALIAS = 'airflow-web';

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

/** A client of the stack's Airflow, at the port that the web server itself publishes. Throws when `.env` lacks the login. */
export function restOf(open: OpenProject, options: { timeoutMs?: number; signal?: AbortSignal } = {}) {
  const { login } = open.blueprint;
  const lookup = lookupOf(open.blueprint, open.project.env);
  const username = lookup(login?.username ?? '');
  const password = lookup(login?.password ?? '');
  if (!username || !password)
    throw new GatherError('ENV_INVALID', 'gather cannot log in at Airflow: .env has no user and password', {
      hints: login ? [`gather env set ${username ? login.password : login.username}`] : [],
    });
  const source = dagSource(open);
  return new AirflowRest({
    base: webServer(open),
    major: Number(open.blueprint.airflow.split('.')[0]),
    login: { username, password },
    nameOf: (path) => source.projectPath(path),
    ...options,
  });
}

/** How many DAGs there are and which files are broken; undefined when Airflow does not answer within `timeoutMs`. */
export async function dagSummary(
  open: OpenProject,
  signal?: AbortSignal,
  timeoutMs = 2000,
): Promise<DagSummary | undefined> {
  const deadline = AbortSignal.timeout(timeoutMs);
  try {
    const all = signal ? AbortSignal.any([signal, deadline]) : deadline;
    const rest = restOf(open, { timeoutMs, signal: all });
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
export function webSite(open: OpenProject): string | undefined {
  return linksOf(open.blueprint, lookupOf(open.blueprint, open.project.env)).Airflow;
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

/** The address at which the web server's own port is published: a stack without a proxy has it too. */
function webServer(open: OpenProject): string {
  const { services, templates } = fold(open.blueprint);
  for (const service of services) {
    const { networks, ports } = whole(service, templates);
    const isWeb =
      isMap(networks) &&
      Object.values(networks).some(
        (one) => isMap(one) && Array.isArray(one.aliases) && one.aliases.includes(WEB_ALIAS),
      );
    const [published] = Array.isArray(ports) ? ports : [];
    if (isWeb && typeof published === 'string')
      return address(interpolate(published, lookupOf(open.blueprint, open.project.env)));
  }
  throw new GatherError('COMPONENT_INVALID', `no service of this stack publishes a port as ${WEB_ALIAS}`);
}

/** Of `127.0.0.1:8080:8080` the address to call. */
function address(published: string): string {
  const [, host = '', port] = /^(?:(.*):)?(\d+):\d+$/.exec(published) ?? [];
  return `http://${callable(host)}:${port}`;
}

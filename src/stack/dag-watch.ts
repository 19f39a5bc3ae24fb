import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AirflowRest, Dag } from '../airflow/rest.js';
import { GatherError } from '../output/errors.js';
import type { Reporter } from '../output/events.js';
import { assertCanRun } from './dag-run.js';
import { type BrokenFile, brokenFiles, projectPath, unknownDag } from './dags.js';

export interface WatchOptions {
  rest: AirflowRest;
  /** Where the DAG files are on this machine. */
  folder: string;
  /** The DAG to run again whenever its file has changed. */
  dag: string | undefined;
  /** Runs it once, and tells how it ended. */
  again(dag: string): Promise<void>;
  /** What is wrong with a file that was just saved, before Airflow has read it; undefined when nothing is seen. */
  look(file: string): Promise<Pick<BrokenFile, 'line' | 'message'> | undefined>;
  report: Reporter;
  signal: AbortSignal;
  /** Milliseconds between two looks at the folder; at every second one Airflow is asked what it makes of it. */
  pollMs?: number;
}

/**
 * Tells of each file that Airflow cannot import as soon as it says so, and of each that it can again, until `signal`. With a
 * DAG: runs it when its file was saved and read again. Throws DAG_NOT_FOUND when Airflow does not
 * know that one, DAG_PAUSED when it would not run. What fails later is told, and the watch goes on.
 */
export async function watchDags(options: WatchOptions): Promise<void> {
  const { rest, folder, report, signal, pollMs = 500 } = options;
  const dag = options.dag === undefined ? undefined : await rest.dag(options.dag);
  if (options.dag !== undefined && !dag) throw await unknownDag(rest, options.dag);
  if (dag) assertCanRun(dag);
  const imports = new ImportWatch(report);
  imports.tell(await brokenFiles(rest));
  const rerun = dag && new Rerun(dag, options);
  let files = filesIn(folder) ?? new Map<string, number>();
  let problem: GatherError | undefined;
  for (let look = 1; !signal.aborted; look++) {
    await sleep(pollMs, undefined, { signal }).catch(() => {});
    const now = filesIn(folder) ?? files;
    const saved = [...now].filter(([file, time]) => files.get(file) !== time).map(([file]) => file);
    files = now;
    for (const file of saved) {
      rerun?.saved(file, files.get(file) ?? 0);
      await lookAt(file, options);
    }
    if (signal.aborted || look % 2) continue;
    try {
      const broken = await brokenFiles(rest);
      imports.tell(broken);
      await rerun?.runWhenRead(broken);
      if (problem?.code === 'STACK_NOT_RUNNING')
        report.event({ type: 'note', text: 'Airflow answers again' });
      problem = undefined;
    } catch (error) {
      if (signal.aborted) break;
      if (!(error instanceof GatherError)) throw error;
      if (problem?.message !== error.message)
        report.event({ type: 'warning', text: error.message, hints: error.hints });
      problem = error;
    }
  }
}

async function lookAt(file: string, { look, report }: WatchOptions): Promise<void> {
  report.event({ type: 'note', text: `dags/${file} was saved` });
  const fault = await look(file).catch(() => undefined);
  if (fault)
    report.event({
      type: 'dag-file',
      file: `dags/${file}`,
      problem: fault.message,
      ...(fault.line === undefined ? {} : { line: fault.line }),
    });
}

/** Which files are broken, and what was said of them. */
class ImportWatch {
  private known = new Map<string, string>();

  constructor(private readonly report: Reporter) {}

  tell(broken: BrokenFile[]): void {
    const now = new Map(broken.map((one) => [one.file, one.trace.join('\n')]));
    for (const { file, line, message, trace } of broken)
      if (this.known.get(file) !== now.get(file))
        this.report.event({
          type: 'dag-file',
          file,
          ...(line === undefined ? {} : { line }),
          problem: message,
          trace: trace.slice(-6, -1),
        });
    for (const file of this.known.keys()) if (!now.has(file)) this.report.event({ type: 'dag-file', file });
    this.known = now;
  }
}

/** A DAG that is run again when its file was saved and Airflow has read it since. */
class Rerun {
  private readonly file: string;
  /** When the file was last saved, in milliseconds since 1970; 0 when what is there has been run. */
  private savedAt = 0;

  constructor(
    private readonly dag: Dag,
    private readonly options: WatchOptions,
  ) {
    this.file = projectPath(dag.file);
  }

  saved(file: string, time: number): void {
    if (`dags/${file}` === this.file) this.savedAt = time;
  }

  async runWhenRead(broken: BrokenFile[]): Promise<void> {
    if (this.savedAt === 0 || broken.some((one) => one.file === this.file)) return;
    const now = await this.options.rest.dag(this.dag.id);
    if (!now?.parsedAt || Date.parse(now.parsedAt) <= this.savedAt) return;
    this.savedAt = 0;
    await this.options.again(this.dag.id);
  }
}

/** Python files → when they were last written; undefined when the folder changes while it is read. */
function filesIn(folder: string): Map<string, number> | undefined {
  try {
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    const python = names.filter((name) => name.endsWith('.py') && !name.includes('__pycache__'));
    return new Map(python.map((name) => [name, statSync(join(folder, name)).mtimeMs]));
  } catch {
    return undefined;
  }
}

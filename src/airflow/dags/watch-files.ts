import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { GatherError } from '../../output/errors.js';
import type { Reporter } from '../../output/events.js';
import type { AirflowRest } from '../api/rest.js';
import { type BrokenFile, brokenFiles, unknownDag } from './dags.js';
import { assertCanRun } from './run.js';
import type { DagSource } from './source.js';

export interface WatchOptions {
  rest: AirflowRest;
  source: DagSource;
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
 * DAG: runs it when Airflow has read a new state of its file. Throws DAG_NOT_FOUND when Airflow does not
 * know that one, DAG_PAUSED when it would not run. What fails later is told, and the watch goes on.
 */
export async function watchDags(options: WatchOptions): Promise<void> {
  const { rest, source, report, signal, pollMs = 500 } = options;
  let files = filesIn(source.folder) ?? new Map<string, number>();
  const dag = options.dag === undefined ? undefined : await rest.dag(options.dag);
  if (options.dag !== undefined && !dag) throw await unknownDag(rest, options.dag);
  if (dag) assertCanRun(dag);
  const imports = new ImportWatch(report);
  imports.tell(await brokenFiles(rest));
  const rerun = dag && new Rerun(dag.id, dag.file, options);
  // what there is by now is not new
  await rerun?.isDue();
  let problem: GatherError | undefined;
  for (let look = 1; !signal.aborted; look++) {
    await sleep(pollMs, undefined, { signal }).catch(() => {});
    const now = filesIn(source.folder) ?? files;
    const saved = [...now].filter(([file, time]) => files.get(file) !== time).map(([file]) => file);
    files = now;
    for (const file of saved) {
      rerun?.saved(file);
      await lookAt(file, options);
    }
    if (signal.aborted || look % 2) continue;
    try {
      const broken = await brokenFiles(rest);
      imports.tell(broken);
      const isBroken = broken.some((one) => one.file === dag?.file);
      if (dag && (await rerun?.isDue(isBroken))) await options.again(dag.id);
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

async function lookAt(file: string, { look, source, report }: WatchOptions): Promise<void> {
  const name = source.nameOf(file);
  const next = source.next(file);
  report.event({ type: 'note', text: `${name} was saved${next ? `; Airflow gets it by ${next}` : ''}` });
  const fault = await look(file).catch(() => undefined);
  if (fault)
    report.event({
      type: 'dag-file',
      file: name,
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

/**
 * A DAG that is run again when Airflow has read a new state of its file: in the folder that Airflow itself reads, the one that was
 * saved; where files have to be delivered, another text than before, for a saved file may never arrive.
 */
class Rerun {
  /** The saved file that is yet to be read, and when Airflow had read it last by then: its word, for its clock may be another. */
  private waiting: { file: string; parsedAt?: string | undefined } | undefined;
  /** What Airflow had of it when it was asked last. */
  private code: string | undefined;

  constructor(
    readonly dag: string,
    readonly file: string,
    private readonly options: WatchOptions,
  ) {}

  saved(file: string): void {
    if (this.options.source.nameOf(file) === this.file) this.waiting = { file };
  }

  /** @param isBroken that Airflow cannot import its file now */
  async isDue(isBroken = false): Promise<boolean> {
    if (this.options.source.from === 'folder') return this.isRead(isBroken);
    return !isBroken && this.isDelivered();
  }

  private async isRead(isBroken: boolean): Promise<boolean> {
    const { waiting } = this;
    if (!waiting) return false;
    const { rest, source } = this.options;
    const parsedAt = (await rest.dag(this.dag))?.parsedAt;
    const isParsedAgain = waiting.parsedAt !== undefined && parsedAt !== waiting.parsedAt;
    waiting.parsedAt ??= parsedAt;
    if (isBroken) return false;
    // it may have been read in the moment between the save and the first question
    const isDue = isParsedAgain || (await rest.code(this.dag)) === textOf(join(source.folder, waiting.file));
    if (isDue && this.waiting === waiting) this.waiting = undefined;
    return isDue;
  }

  private async isDelivered(): Promise<boolean> {
    const before = this.code;
    this.code = (await this.options.rest.code(this.dag)) ?? before;
    return before !== undefined && this.code !== before;
  }
}

/** As Python reads it, which is what Airflow stores; undefined when it is gone. */
function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').replace(/\r\n?/g, '\n');
  } catch {
    return undefined;
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

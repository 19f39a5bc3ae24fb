import type { Reporter } from '../../output/events.js';
import type { AirflowRest, TaskInstance } from '../api/rest.js';

/** States in which nothing has been written yet, or nothing can be. */
const SILENT = [null, 'none', 'scheduled', 'queued', 'removed', 'upstream_failed'];

/** States after which this try writes nothing more. */
const ENDED = ['success', 'failed', 'skipped', 'up_for_retry'];

/** A task's name, with the number of the one meant where it is mapped: `work[3]`. */
export function nameOf({ id, mapIndex }: Pick<TaskInstance, 'id' | 'mapIndex'>): string {
  return mapIndex < 0 ? id : `${id}[${mapIndex}]`;
}

/** Hands on what the tasks of one run write, each line once. */
export class TaskLogs {
  /** Task and try → where its log was read to: a token, and how many lines behind that were handed on. */
  readonly #readTo = new Map<string, { token: string | undefined; said: number }>();
  readonly #tries = new Map<string, number>();
  /** Try → how often its log was read since it has ended. The second time it is complete: the last lines may come late. */
  readonly #readAfter = new Map<string, number>();

  constructor(
    private readonly rest: AirflowRest,
    private readonly dag: string,
    private readonly run: string,
    private readonly report: Reporter,
  ) {}

  async read(tasks: TaskInstance[]): Promise<void> {
    for (const task of tasks) {
      const name = nameOf(task);
      // between two looks a try may have ended and the next one begun: the rest of the former comes first
      const before = this.#tries.get(name) ?? 1;
      for (let tryNumber = before; tryNumber < task.tryNumber; tryNumber++)
        await this.#readTry({ ...task, tryNumber, state: 'failed' });
      if (SILENT.includes(task.state) || task.tryNumber < 1) continue;
      this.#tries.set(name, task.tryNumber);
      await this.#readTry(task);
    }
  }

  async #readTry(task: TaskInstance): Promise<void> {
    const key = `${nameOf(task)} ${task.tryNumber}`;
    const after = this.#readAfter.get(key) ?? 0;
    if (after > 1) return;
    const { token, said } = this.#readTo.get(key) ?? { token: undefined, said: 0 };
    const part = await this.rest.logSince(this.dag, this.run, task, token);
    if (ENDED.includes(task.state ?? '')) this.#readAfter.set(key, after + 1);
    for (const text of part.lines.slice(said)) this.report.event({ type: 'log', source: nameOf(task), text });
    this.#readTo.set(
      key,
      part.token ? { token: part.token, said: 0 } : { token, said: Math.max(said, part.lines.length) },
    );
  }
}

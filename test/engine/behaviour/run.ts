import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RestCalls } from '../../../src/airflow/api/rest-calls.js';
import { until } from '../docker.js';

/** What a task or a callback has left (test/fixtures/behaviour/dags/notes.py): where it ran, and what it says. */
export interface Note extends Record<string, unknown> {
  /** The name of its container on the network: the first twelve digits of the id. */
  host: string;
  pid: number;
}

export interface Instance {
  state: string | null;
  try: number;
  host: string;
  end: string | null;
  id: string;
}

/** One run of a DAG, as somebody outside sees it. */
export class BehaviourRun {
  private readonly notes: string;

  constructor(
    private readonly rest: RestCalls,
    folder: string,
    readonly dag: string,
    readonly id: string,
  ) {
    this.notes = join(folder, 'logs/behaviour', id);
  }

  async state(): Promise<string> {
    return String((await this.rest.json('GET', this.path)).state);
  }

  /** Waits until the run is over, and tells how it ended. */
  ended(seconds = 60): Promise<string> {
    return until(
      () => this.state(),
      (state) => ['success', 'failed'].includes(state),
      seconds,
    );
  }

  async task(name: string): Promise<Instance> {
    const json = await this.rest.json('GET', `${this.path}/taskInstances/${name}`);
    return {
      state: typeof json.state === 'string' ? json.state : null,
      try: Number(json.try_number),
      host: String(json.hostname),
      end: typeof json.end_date === 'string' ? json.end_date : null,
      id: String(json.id),
    };
  }

  /** Waits until a task is in that state. */
  reaches(name: string, state: string, seconds = 60): Promise<Instance> {
    return until(
      () => this.task(name),
      (task) => task.state === state,
      seconds,
    );
  }

  /** What Airflow's web server shows of the log of a task's try, with where it has it from. */
  async log(name: string, tried = 1): Promise<string> {
    const path = `${this.path}/taskInstances/${name}/logs/${tried}?full_content=true&map_index=-1`;
    return JSON.stringify((await this.rest.json('GET', path)).content);
  }

  hasLeft(name: string): boolean {
    return existsSync(join(this.notes, name));
  }

  /** What a task or callback leaves, as soon as it has. */
  async left(name: string, seconds = 60): Promise<Note> {
    await until(async () => this.hasLeft(name), Boolean, seconds).catch(() => {
      throw new Error(`${this.id} has not left ${name} within ${seconds} s`);
    });
    return JSON.parse(readFileSync(join(this.notes, name), 'utf8')) as Note;
  }

  /** Lets a task go on that waits for this. */
  open(name: string): void {
    mkdirSync(this.notes, { recursive: true });
    writeFileSync(join(this.notes, name), '');
  }

  get path(): string {
    return `/dags/${this.dag}/dagRuns/${this.id}`;
  }
}

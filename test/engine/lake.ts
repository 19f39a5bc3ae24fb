import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gather, gatherJson, gatherOk, type Ran } from './gather.js';

/** Makes a folder a project with Trino and what it stands on, without Airflow. */
export async function initLake(cwd: string, settings: Record<string, string> = {}): Promise<void> {
  mkdirSync(join(cwd, 'compose/topologies'), { recursive: true });
  writeFileSync(
    join(cwd, 'compose/topologies/lake.yaml'),
    'summary: A lake alone\ncomponents: [postgres, minio, trino]\n',
  );
  const set = Object.entries(settings).flatMap(([name, value]) => ['--set', `${name}=${value}`]);
  await gatherOk(['init', '--yes', '--topology', 'lake', ...set], { cwd });
}

/** Asks Trino as a person does. */
export class Lake {
  constructor(readonly cwd: string) {}

  ask(sql: string, ...options: string[]): Promise<Ran> {
    return gather(['trino', ...options, '--', sql], { cwd: this.cwd });
  }

  async rows(sql: string): Promise<unknown[][]> {
    return (await gatherJson<{ rows: unknown[][] }>(['trino', sql], { cwd: this.cwd })).rows;
  }

  /** What a statement that gives no rows has done. */
  async does(sql: string): Promise<{ update: string; updated?: number }> {
    return gatherJson(['trino', sql], { cwd: this.cwd });
  }
}

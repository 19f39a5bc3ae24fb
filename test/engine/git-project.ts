import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';

/** A project whose own git folder is the repository of its DAGs. */
export class GitProject {
  constructor(readonly folder: string) {}

  async git(...args: string[]): Promise<string> {
    const person = ['-c', 'user.name=Test', '-c', 'user.email=test@localhost'];
    return (await execa('git', [...person, ...args], { cwd: this.folder })).stdout;
  }

  async init(): Promise<void> {
    await this.git('init', '--quiet', '--initial-branch', 'main');
    await this.commit();
  }

  async commit(): Promise<void> {
    await this.git('add', '--all');
    await this.git('commit', '--quiet', '--message', 'test');
  }

  /** A DAG file like the example, under another name. */
  writeDag(file: string, id: string): void {
    const example = readFileSync(join(this.folder, 'dags/hello_taskflow.py'), 'utf8');
    writeFileSync(join(this.folder, file), example.replaceAll('hello_taskflow', id));
  }
}

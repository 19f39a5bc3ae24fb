import { isAbsolute, join, posix, relative, resolve } from 'node:path';
import { lookupOf } from '../../catalog/lookup.js';
import type { DagsSpec } from '../../catalog/schema.js';
import { interpolate } from '../../project/interpolate.js';
import type { OpenProject } from '../../stack/open.js';

/** Where the DAGs of a stack come from, and how the paths of its containers and of this machine go together. */
export class DagSource {
  readonly from: DagsSpec['from'];
  /** The bucket or the repository, which may have a login in it; empty for a folder. */
  readonly address: string;
  /** Where the files are on this machine. */
  readonly folder: string;
  private readonly path: string;
  private readonly project: string;

  /** @param project the project's folder, which names are relative to. */
  constructor({ from, address, path, folder }: DagsSpec, project: string) {
    this.from = from;
    this.address = address;
    this.folder = resolve(project, folder);
    this.path = path;
    this.project = project;
  }

  /** A file below the folder, as people know it: `dags/team/report.py`; with its whole path where that is outside of the project. */
  nameOf(file: string): string {
    const name = relative(this.project, join(this.folder, file));
    return isOutside(name) ? join(this.folder, file) : name;
  }

  /** A path of Airflow's containers as people know it. Airflow 3 gives import errors relative to the folder of DAGs. */
  projectPath(file: string): string {
    const inside = posix.isAbsolute(file) ? posix.relative(this.path, file) : file;
    return isOutside(inside) ? file : this.nameOf(inside);
  }

  /** When Airflow has a file that is saved. */
  get when(): string {
    if (this.from === 'folder') return 'within seconds';
    if (this.from === 'bucket') return 'once it is in the bucket';
    return `once it is committed${this.isRemote ? ' and pushed' : ''}`;
  }

  /** The command that brings a saved file, or the whole folder, to Airflow; undefined where nobody has to. */
  next(file = ''): string | undefined {
    if (this.from === 'folder') return undefined;
    if (this.from === 'bucket') return 'gather dags push';
    return `git add ${this.nameOf(file) || '.'} && git commit${this.isRemote ? ' && git push' : ''}`;
  }

  private get isRemote(): boolean {
    return !/^(file:|\/)/.test(this.address);
  }
}

/** The source of an opened project's DAGs, with what `.env` says of it. */
export function dagSource({ project, blueprint }: OpenProject): DagSource {
  const lookup = lookupOf(blueprint, project.env);
  const filled = (template: string) => interpolate(template, lookup);
  const { from, address, path, folder } = blueprint.dags;
  const dags = { from, address: filled(address), path: filled(path), folder: filled(folder) };
  return new DagSource(dags, resolve(project.folder));
}

function isOutside(path: string): boolean {
  return path === '..' || path.startsWith('../') || isAbsolute(path);
}

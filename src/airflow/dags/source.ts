import path, { type PlatformPath, posix } from 'node:path';
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
  private readonly inside: string;

  /**
   * @param project the project's folder, which names are relative to.
   * @param here how paths of this machine are written; those of containers have slashes.
   */
  constructor(
    { from, address, path: inside, folder }: DagsSpec,
    private readonly project: string,
    private readonly here: PlatformPath = path,
  ) {
    this.from = from;
    this.address = address;
    this.folder = here.resolve(project, folder);
    this.inside = inside;
  }

  /** A file below the folder, as people know it: `dags/team/report.py`; with its whole path where that is outside of the project. */
  nameOf(file: string): string {
    const { here } = this;
    const whole = here.join(this.folder, file);
    const name = here.relative(this.project, whole);
    return isOutside(name, here) ? whole : name.replaceAll(here.sep, '/');
  }

  /** A path of Airflow's containers as people know it. Airflow 3 gives import errors relative to the folder of DAGs. */
  projectPath(file: string): string {
    const below = posix.isAbsolute(file) ? posix.relative(this.inside, file) : file;
    return isOutside(below, posix) ? file : this.nameOf(below);
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
    return !/^file:/.test(this.address) && !this.here.isAbsolute(this.address);
  }
}

/** The source of an opened project's DAGs, with what `.env` says of it. */
export function dagSource({ project, blueprint }: OpenProject): DagSource {
  const lookup = lookupOf(blueprint, project.env);
  const filled = (template: string) => interpolate(template, lookup);
  const { from, address, path: inside, folder } = blueprint.dags;
  const dags = { from, address: filled(address), path: filled(inside), folder: filled(folder) };
  return new DagSource(dags, path.resolve(project.folder));
}

function isOutside(relative: string, here: PlatformPath): boolean {
  return relative === '..' || relative.startsWith(`..${here.sep}`) || here.isAbsolute(relative);
}

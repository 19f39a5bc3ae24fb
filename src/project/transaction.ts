import { lstatSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { GatherError } from '../output/errors.js';
import type { Reporter } from '../output/events.js';
import { type Applied, readApplied, writeApplied } from './applied.js';
import type { EnvFile } from './dotenv.js';
import { ensureFolder, readIfThere, writeAtomic } from './files.js';
import { assertInside } from './inside.js';
import { FILES, foldersOf, readEnv } from './project.js';
import { type HeldLock, takeLock } from './writer-lock.js';

export interface WriterOptions {
  signal?: AbortSignal | undefined;
  /** Hears when another gather has to be waited for. */
  report?: Pick<Reporter, 'event'> | undefined;
}

/**
 * The only way in which gather changes a project. Takes the project's lock, reads `.env` and gather.yaml inside it, and hands them
 * to `work`, which changes what it was given and calls `save`. The lock is held for milliseconds: nobody is asked, and nothing
 * slow is waited for inside.
 *
 * @throws GatherError FILE_FAILED, ENV_INVALID, CANCELLED, and whatever `work` throws
 */
export async function changeProject<T>(
  folder: string,
  { signal, report }: WriterOptions,
  work: (project: ProjectDraft) => T | Promise<T>,
): Promise<T> {
  const state = join(folder, FILES.state);
  ensureFolder(folder);
  assertInside(folder, state);
  const lock = await takeLock(join(state, 'writer'), {
    signal,
    onWait: (holder) =>
      report?.event({ type: 'note', text: `${holder} is writing this project: waiting for it` }),
  });
  try {
    clearLeftovers(folder);
    return await work(new ProjectDraft(folder, lock));
  } finally {
    lock.release();
  }
}

/** What a project says of itself on disk, as far as a change starts from it. */
export interface ProjectState {
  env: EnvFile;
  /** False while there is no `.env`. */
  hasEnv: boolean;
  /** The text of gather.yaml; undefined while there is none. */
  manifestText: string | undefined;
  applied: Applied | undefined;
}

/** Reads without the lock: to look, or to ask a person about; what is written is to be read anew inside of it. */
export function readState(folder: string): ProjectState {
  return {
    ...readEnv(folder),
    manifestText: readIfThere(join(folder, FILES.manifest)),
    applied: readApplied(join(folder, FILES.state)),
  };
}

/** A project as it is now, for whoever holds its lock. */
export class ProjectDraft implements ProjectState {
  readonly env: EnvFile;
  readonly hasEnv: boolean;
  readonly manifestText: string | undefined;
  readonly applied: Applied | undefined;

  constructor(
    readonly folder: string,
    private readonly lock: HeldLock,
  ) {
    const { env, hasEnv, manifestText, applied } = readState(folder);
    this.env = env;
    this.hasEnv = hasEnv;
    this.manifestText = manifestText;
    this.applied = applied;
  }

  /**
   * Writes `.env`, and after it gather.yaml: a kill between the two leaves values that fit either, never a stack without its values.
   * @returns the files that changed
   */
  save(manifestText = this.manifestText): string[] {
    const files: string[] = [];
    if (this.write(FILES.env, this.env.toString(), 0o600)) files.push(FILES.env);
    if (manifestText !== undefined && this.write(FILES.manifest, manifestText)) files.push(FILES.manifest);
    return files;
  }

  /** Writes one file below the project. Returns whether it changed. */
  write(path: string, text: string, mode?: number): boolean {
    if (!this.lock.holds())
      throw new GatherError('FILE_FAILED', `another gather took over the writing of ${this.folder}`, {
        hints: ['this process stood still for a minute: run the command again'],
      });
    const file = join(this.folder, path);
    assertInside(this.folder, file);
    return writeAtomic(file, text, mode === undefined ? {} : { mode });
  }

  /** Keeps what `.env` is in step with. It is gather's own memory, and a project is whole without it. */
  remember(applied: Applied): void {
    writeApplied(join(this.folder, FILES.state), applied);
  }
}

/** Whoever was killed in the middle of a write left its temporary file, which may hold what `.env` holds; here nobody else writes. */
function clearLeftovers(folder: string): void {
  for (const name of ['.', ...foldersOf(folder)]) {
    const place = join(folder, name);
    // (a link of that name may lead out of the project)
    if (name !== '.' && !lstatSync(place, { throwIfNoEntry: false })?.isDirectory()) continue;
    for (const file of readdirSync(place))
      if (/^\.gather-[0-9a-f]{12}\.tmp$/.test(file)) rmSync(join(place, file), { force: true });
  }
}

/** A project, as far as what is stored on an engine can be compared with it. */
export interface Claimant {
  /** The real path of its folder. */
  folder: string;
  /** The name that its stack has for Compose. */
  stack: string;
  /** GATHER_PROJECT_ID; undefined in a `.env` that an older gather wrote. */
  id: string | undefined;
  /** When `.env` was made with new secrets, in milliseconds since 1970; undefined when that is not known. */
  madeAt: number | undefined;
}

/** A volume of that stack's name. */
export interface VolumeEvidence {
  name: string;
  /** The id and the folder of the project that gather made it for; undefined when gather did not make it. */
  id: string | undefined;
  folder: string | undefined;
  /** In milliseconds since 1970, by the engine's clock. */
  createdAt: number;
}

/** What is stored on the engine under the name of a stack. */
export interface Evidence {
  volumes: VolumeEvidence[];
  /** The folders from which Compose made the containers. */
  containerFolders: string[];
}

/** Whose it is. */
export type Verdict =
  /** `moved`: the folder where it was made, which has left nobody there, and what it left. */
  | { kind: 'ours'; moved?: { from: string; volumes: string[] } | undefined }
  /** This folder's, of a `.env` that is gone: its secrets lock the data. */
  | { kind: 'earlier'; volumes: string[] }
  /** Of a project in another folder, which is still there: this one is its copy, or has its name by chance. */
  | { kind: 'other'; folder: string; volumes: string[] };

/** What a folder's `.env` says of itself; undefined when there is no project; `unreadable` when it is not for us to read. */
export type Holds = (folder: string) => { id: string | undefined; stack: string } | 'unreadable' | undefined;

/** The clocks of the engine and of this machine are not the same in a virtual machine. */
const CLOCKS_MS = 60_000;

/**
 * Judges by what is stored, not by what runs: a copy has the id of the original and another folder, a stranger's project has another
 * id, a folder that was moved has left nobody where it was. What gather did not mark is ours, unless containers or the age say
 * otherwise: an older gather, or Compose alone, made it.
 */
export function whose(claimant: Claimant, { volumes, containerFolders }: Evidence, holds: Holds): Verdict {
  const { folder: here, id } = claimant;
  const marked = volumes.filter((volume) => volume.id !== undefined);
  const other = (folder = 'another folder'): Verdict => ({ kind: 'other', folder, volumes: namesOf(marked) });
  const stranger = marked.find((volume) => volume.id !== id && volume.folder !== here);
  if (stranger && (id !== undefined || isThere(stranger.folder, claimant, holds)))
    return other(stranger.folder);
  const madeFrom = containerFolders.filter((folder) => folder !== here);
  const markedFor = marked.flatMap((volume) => volume.folder ?? []).filter((folder) => folder !== here);
  const original =
    madeFrom.find((folder) => isThere(folder, claimant, holds)) ??
    markedFor.find((folder) => isThere(folder, claimant, holds, id));
  if (original !== undefined) return other(original);
  const earlier = volumes.filter((volume) => isEarlier(volume, claimant));
  if (earlier.length > 0) return { kind: 'earlier', volumes: namesOf(earlier) };
  const from = markedFor[0] ?? madeFrom[0];
  return { kind: 'ours', moved: from === undefined ? undefined : { from, volumes: namesOf(volumes) } };
}

/** Marked in this folder with another id, or older than the secrets that are to open it. */
function isEarlier(volume: VolumeEvidence, { folder, id, madeAt }: Claimant): boolean {
  if (volume.id !== undefined) return volume.folder === folder && id !== undefined && volume.id !== id;
  return madeAt !== undefined && volume.createdAt < madeAt - CLOCKS_MS;
}

/** True when the folder holds a project of this stack's name, which for all we can see has this id. */
function isThere(folder: string | undefined, { stack }: Claimant, holds: Holds, id?: string): boolean {
  const held = folder === undefined ? undefined : holds(folder);
  if (held === undefined || held === 'unreadable') return held === 'unreadable';
  return held.stack === stack && (id === undefined || held.id === undefined || held.id === id);
}

function namesOf(volumes: VolumeEvidence[]): string[] {
  return volumes.map(({ name }) => name).sort();
}

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { dial } from '../ping.js';
import { isInstalled, managedPaths } from './paths.js';
import { daemonPid } from './process.js';

/** What `gather engine status` reports. */
export interface ManagedStatus {
  installed: boolean;
  /** It answers. */
  running: boolean;
  pid?: number;
  version?: string;
  storageDriver?: string;
  host: string;
  /** The folder of everything. */
  root: string;
  log: string;
  /** Bytes of images, volumes and containers; absent when counting takes more than 3 s or is not allowed. */
  dataBytes?: number;
}

/** Looks at the managed engine and changes nothing. */
export async function managedStatus(): Promise<ManagedStatus> {
  const paths = managedPaths();
  const pid = daemonPid(paths);
  const answer = pid === undefined ? undefined : await dial(paths.host).catch(() => undefined);
  const dataBytes = await folderBytes(paths.data);
  return {
    installed: isInstalled(paths),
    running: answer !== undefined,
    ...(pid !== undefined && { pid }),
    ...(answer && { version: answer.version, storageDriver: answer.storageDriver }),
    host: paths.host,
    root: paths.root,
    log: paths.log,
    ...(dataBytes !== undefined && { dataBytes }),
  };
}

/** The containers' mounted file systems lie inside the folder too and would count twice, hence one file system only. */
async function folderBytes(folder: string): Promise<number | undefined> {
  try {
    const { stdout } = await promisify(execFile)('du', ['-s', '-x', '-B1', folder], { timeout: 3000 });
    return Number.parseInt(stdout, 10);
  } catch {
    return undefined;
  }
}

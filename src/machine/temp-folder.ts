import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder of this process alone, which nobody else may read. */
export interface TempFolder {
  path: string;
  /** Removes it now. */
  dispose(): void;
  /** Leaves it to whoever comes after this process. */
  keep(): void;
}

/** Makes a folder that is gone when the process is, however that ends, short of a kill -9. */
export function tempFolder(prefix: string): TempFolder {
  const path = mkdtempSync(join(tmpdir(), prefix));
  const keep = () => {
    process.removeListener('exit', dispose);
  };
  const dispose = () => {
    keep();
    rmSync(path, { recursive: true, force: true });
  };
  process.once('exit', dispose);
  return { path, dispose, keep };
}

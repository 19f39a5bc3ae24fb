import type { EngineApi } from '../../engine/api.js';

/** The last lines that a container wrote. */
export async function lastLogLines(docker: EngineApi, container: string, count: number): Promise<string[]> {
  return demultiplex(await docker.containerLog(container, count))
    .split(/\r?\n/)
    .map((line) => line.trimEnd())
    .filter(Boolean)
    .slice(-count);
}

/** Docker's frames: 1 byte stream, 3 bytes nothing, 4 bytes length, then the text (Engine API, "Attach to a container"). */
function demultiplex(raw: Buffer): string {
  let text = '';
  for (let at = 0; at + 8 <= raw.length; ) {
    const length = raw.readUInt32BE(at + 4);
    text += raw.subarray(at + 8, at + 8 + length).toString('utf8');
    at += 8 + length;
  }
  return text;
}

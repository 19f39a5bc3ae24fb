import { pipeline } from 'node:stream';
import { buffer } from 'node:stream/consumers';

/** What is in the first file of a tar archive; undefined where it has none, as of a folder or a link. */
export async function firstFileIn(archive: NodeJS.ReadableStream): Promise<Buffer | undefined> {
  const { extract } = await import('tar-stream');
  const entries = extract();
  // an archive that breaks off ends the entries with its error
  pipeline(archive, entries, () => undefined);
  for await (const entry of entries) {
    if (entry.header.type === 'file') return await buffer(entry);
    entry.resume();
  }
  return undefined;
}

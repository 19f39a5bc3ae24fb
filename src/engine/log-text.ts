const HEADER = 8;

/**
 * What a container wrote, as the engine's API hands it out: in frames of 1 byte for the stream, 3 bytes of nothing and 4 bytes of
 * length before the text (Engine API, "Attach to a container"), or as it is where the container has a terminal (`tty: true`).
 */
export function logText(raw: Buffer): string {
  const texts: Buffer[] = [];
  for (let at = 0; at < raw.length; ) {
    // a terminal's text has no such bytes: it is told by them, and not by a question more
    if (at + HEADER > raw.length || (raw[at] ?? 0) > 2 || raw.readUIntBE(at + 1, 3) !== 0)
      return raw.toString('utf8');
    const from = at + HEADER;
    at = from + raw.readUInt32BE(at + 4);
    texts.push(raw.subarray(from, at));
  }
  return Buffer.concat(texts).toString('utf8');
}

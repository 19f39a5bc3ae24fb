import { spawn } from 'node:child_process';
import { dockerOk } from './docker.js';

/** How many of some secrets stand in what an image is made of: its layers, its configuration, its history. `witness` is a text that does. */
export async function marksIn(image: string, witness: string, marks: string[]): Promise<number> {
  const history = await dockerOk(['history', '--no-trunc', image]);
  const config = await dockerOk(['image', 'inspect', image]);
  return occurrences([history, config], marks) + (await marksInLayers(image, Buffer.from(witness), marks));
}

export function occurrences(texts: string[], marks: string[]): number {
  return texts.flatMap((text) => marks.filter((value) => text.includes(value))).length;
}

/** `docker save | grep`: the layers are plain tar files in it. */
function marksInLayers(image: string, witness: Buffer, marks: string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const save = spawn('docker', ['save', image], { stdio: ['ignore', 'pipe', 'inherit'] });
    const wanted = marks.map((value) => Buffer.from(value));
    let found = 0;
    let witnessed = false;
    let rest = Buffer.alloc(0);
    save.stdout.on('data', (chunk: Buffer) => {
      const window = Buffer.concat([rest, chunk]);
      found += wanted.filter((value) => window.includes(value)).length;
      witnessed ||= window.includes(witness);
      rest = window.subarray(-64);
    });
    save.on('error', reject);
    save.on('close', (code) =>
      code === 0 && witnessed
        ? resolve(found)
        : reject(
            new Error(`docker save ended with ${code}, ${witnessed ? '' : 'and its layers cannot be read'}`),
          ),
    );
  });
}

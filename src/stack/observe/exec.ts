import { PassThrough } from 'node:stream';
import type Dockerode from 'dockerode';
import { answerOf } from '../../engine/api.js';

export interface ExecResult {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/**
 * Runs a command in a container through the API, without the cost of a docker process. Rejects after `timeoutMs`.
 * @param input what it may read, of which it has to know the length: its stdin does not end.
 */
export async function execIn(
  docker: Dockerode,
  container: string,
  command: string[],
  timeoutMs = 10_000,
  input?: Buffer,
): Promise<ExecResult> {
  // the whole of it has one deadline: the engine itself may not answer for a container that is frozen
  const opened: { destroy(): void }[] = [];
  try {
    return await answerOf(run(docker, container, command, opened, input), timeoutMs);
  } finally {
    for (const stream of opened) stream.destroy();
  }
}

async function run(
  docker: Dockerode,
  container: string,
  command: string[],
  opened: { destroy(): void }[],
  input: Buffer | undefined,
): Promise<ExecResult> {
  const exec = await docker
    .getContainer(container)
    .exec({ Cmd: command, AttachStdin: input !== undefined, AttachStdout: true, AttachStderr: true });
  const stream = await exec.start({ hijack: true, stdin: input !== undefined });
  opened.push(stream);
  if (input) stream.write(input);
  const [out, err] = [new PassThrough(), new PassThrough()];
  docker.modem.demuxStream(stream, out, err);
  const texts = Promise.all([collect(out), collect(err)]);
  await new Promise<void>((resolve, reject) => {
    const end = () => {
      out.end();
      err.end();
      resolve();
    };
    stream.on('end', end).on('close', end).on('error', reject);
  });
  const [stdout, stderr] = await texts;
  const { ExitCode } = await exec.inspect();
  return { exitCode: ExitCode ?? 1, stdout, stderr };
}

async function collect(stream: NodeJS.ReadableStream): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

/** The last lines that a container wrote. */
export async function lastLogLines(docker: Dockerode, container: string, count: number): Promise<string[]> {
  const asked = { stdout: true, stderr: true, tail: count, follow: false } as const;
  const raw = await answerOf(docker.getContainer(container).logs(asked));
  return demultiplex(raw)
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

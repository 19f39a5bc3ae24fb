import { PassThrough } from 'node:stream';
import type Dockerode from 'dockerode';

export interface ExecResult {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** Runs a command in a container and collects what it writes, until `abortSignal`. */
export async function runInContainer(
  docker: Dockerode,
  container: string,
  command: string[],
  input: Buffer | undefined,
  abortSignal: AbortSignal,
): Promise<ExecResult> {
  const exec = await docker.getContainer(container).exec({
    Cmd: command,
    AttachStdin: input !== undefined,
    AttachStdout: true,
    AttachStderr: true,
    abortSignal,
  });
  const stream = await exec.start({ hijack: true, stdin: input !== undefined, abortSignal });
  // the connection is no longer the request's, which would heed the signal
  const end = () => stream.destroy();
  abortSignal.addEventListener('abort', end);
  try {
    abortSignal.throwIfAborted();
    if (input) stream.write(input);
    const [out, err] = [new PassThrough(), new PassThrough()];
    docker.modem.demuxStream(stream, out, err);
    const texts = Promise.all([collect(out), collect(err)]);
    await new Promise<void>((resolve, reject) => {
      const ended = () => {
        out.end();
        err.end();
        resolve();
      };
      stream.on('end', ended).on('close', ended).on('error', reject);
    });
    const [stdout, stderr] = await texts;
    const { ExitCode } = await exec.inspect({ abortSignal });
    return { exitCode: ExitCode ?? 1, stdout, stderr };
  } finally {
    abortSignal.removeEventListener('abort', end);
    stream.destroy();
  }
}

async function collect(stream: NodeJS.ReadableStream): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

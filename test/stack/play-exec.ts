import { PassThrough } from 'node:stream';
import type Dockerode from 'dockerode';

/** An engine in which any command says this and ends like that; `ends` changes how the next one does. */
export function answering(stdout: string, exitCode = 0) {
  const ran: string[][] = [];
  let ending = exitCode;
  const client = {
    getContainer: () => ({
      exec: async ({ Cmd }: { Cmd: string[] }) => {
        ran.push(Cmd);
        const ExitCode = ending;
        return {
          start: async () => {
            const stream = new PassThrough();
            setImmediate(() => stream.end());
            return stream;
          },
          inspect: async () => ({ ExitCode }),
        };
      },
    }),
    modem: {
      demuxStream: (stream: PassThrough, out: PassThrough) => {
        stream.resume();
        out.write(stdout);
      },
    },
  } as unknown as Dockerode;
  const ends = (exitCode: number) => {
    ending = exitCode;
  };
  return { client, ran, ends };
}

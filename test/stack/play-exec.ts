import type { EngineApi } from '../../src/engine/api.js';
import { PlayDocker } from './play-docker.js';

/** An engine in which any command says this and ends like that; `ends` changes how the next one does. */
export function answering(stdout: string, exitCode = 0) {
  const ran: string[][] = [];
  let ending = exitCode;
  const client: EngineApi = {
    ...new PlayDocker().client,
    exec: async (_id, command) => {
      ran.push(command);
      return { exitCode: ending, stdout, stderr: '' };
    },
  };
  const ends = (exitCode: number) => {
    ending = exitCode;
  };
  return { client, ran, ends };
}

import { installHints } from '../machine/os.js';
import { cancelled } from '../output/cancelled.js';
import { GatherError } from '../output/errors.js';
import { withoutPasswords } from '../output/passwords.js';
import { type Candidate, candidates } from './candidates.js';
import { type Engine, isOlder, OLDEST_API, OLDEST_ENGINE } from './engine.js';
import { managedPaths } from './managed/paths.js';
import { type Answer, dial } from './ping.js';
import { findTools } from './tools.js';

/** A place that was dialled in vain, and why. */
export interface Tried {
  source: string;
  host: string;
  problem: string;
}

/**
 * Finds the Docker Engine to use: DOCKER_HOST, the current docker context, the usual sockets, the managed engine. Each
 * is dialled, not only looked at.
 * @throws GatherError ENGINE_NOT_FOUND when the engine that the user chose does not answer, ENGINE_TOO_OLD or
 *   ENGINE_UNSUPPORTED when engines answer and none of them will do, CANCELLED after `signal`
 */
export async function findEngine(
  signal?: AbortSignal,
  env: NodeJS.ProcessEnv = process.env,
): Promise<{ engine?: Engine; tried: Tried[] }> {
  return firstUsable(candidates(env), env, signal);
}

/** Dials the candidates in order and takes the first that will do. */
export async function firstUsable(
  places: Candidate[],
  env: NodeJS.ProcessEnv = process.env,
  signal?: AbortSignal,
): Promise<{ engine?: Engine; tried: Tried[] }> {
  const tried: Tried[] = [];
  let refused: GatherError | undefined;
  for (const place of places) {
    let answer: Answer;
    try {
      answer = await dial(place.host, { certPath: place.certPath, signal });
    } catch (error) {
      if (signal?.aborted) throw cancelled('stopped while a Docker Engine was looked for', error);
      const problem = (error as Error).message;
      if (place.chosen) throw chosenIsSilent(place, problem);
      tried.push({ source: place.source, host: withoutPasswords(place.host), problem });
      continue;
    }
    try {
      return { engine: await toEngine(place, answer, env), tried };
    } catch (error) {
      if (place.chosen || !(error instanceof GatherError)) throw error;
      tried.push({ source: place.source, host: withoutPasswords(place.host), problem: error.message });
      refused ??= error;
    }
  }
  if (refused) throw refused;
  return { tried };
}

/** The error to throw when `findEngine` found none and the managed one is not wanted or not possible. */
export function engineNotFound(tried: Tried[]): GatherError {
  const denied = tried.some((one) => one.problem === 'permission denied');
  const hints = denied ? ['sudo usermod -aG docker "$USER"', 'Log out and in again.'] : installHints();
  const details = tried
    .filter((one) => one.problem !== 'there is no such socket')
    .map((one) => `${one.source}, ${one.host}: ${one.problem}`);
  return new GatherError('ENGINE_NOT_FOUND', 'No Docker Engine answers on this machine.', { details, hints });
}

async function toEngine(place: Candidate, answer: Answer, env: NodeJS.ProcessEnv): Promise<Engine> {
  assertUsable(place, answer);
  const kind = place.host === managedPaths(env).host ? 'managed' : 'own';
  const { env: toolEnv, ...tools } = await findTools(kind, env);
  const { operatingSystem: _, ...facts } = answer;
  const tls =
    place.certPath === undefined ? {} : { DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: place.certPath };
  return {
    kind,
    host: place.host,
    ...facts,
    ...tools,
    socketPath: socketOnEngine(place.host, answer),
    env: { DOCKER_HOST: place.host, ...tls, ...toolEnv },
  };
}

function assertUsable(place: Candidate, answer: Answer): void {
  const where = `${place.source}, ${withoutPasswords(place.host)}`;
  if (answer.os !== 'linux') {
    throw new GatherError(
      'ENGINE_UNSUPPORTED',
      `The engine at ${where} runs ${answer.os} containers; gather needs Linux ones.`,
      {
        hints: ['In Docker Desktop: "Switch to Linux containers".', ...installHints()],
      },
    );
  }
  if (isOlder(answer.version, OLDEST_ENGINE) && isOlder(answer.apiVersion, OLDEST_API)) {
    const message = `The Docker Engine at ${where} is ${answer.version} (API ${answer.apiVersion}); gather needs ${OLDEST_ENGINE} (API ${OLDEST_API}) or newer.`;
    throw new GatherError('ENGINE_TOO_OLD', message, {
      hints: [...(place.chosen ? [deselect(place)] : []), ...installHints()].slice(0, 3),
    });
  }
}

function chosenIsSilent(place: Candidate, problem: string): GatherError {
  const host = withoutPasswords(place.host);
  const message = `${place.source} points to ${host}, but no Docker Engine answers there: ${problem}.`;
  const start =
    host === managedPaths().host ? 'gather engine start' : 'Start that engine, or correct its address.';
  return new GatherError('ENGINE_NOT_FOUND', message, { hints: [start, deselect(place)] });
}

function deselect(place: Candidate): string {
  if (place.source === 'DOCKER_HOST')
    return 'unset DOCKER_HOST   # to let gather look for an engine by itself';
  return 'docker context use default   # (and unset DOCKER_CONTEXT) to let gather look for an engine by itself';
}

/** Docker Desktop, Colima and the like run in a VM, and there the socket lies at the usual place. */
function socketOnEngine(host: string, answer: Answer): string {
  const inVm = process.platform !== 'linux' || /Docker Desktop|OrbStack/.test(answer.operatingSystem);
  return host.startsWith('unix://') && !inVm ? host.slice('unix://'.length) : '/var/run/docker.sock';
}

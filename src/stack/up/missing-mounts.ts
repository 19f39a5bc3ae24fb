import { existsSync } from 'node:fs';
import type { Blueprint } from '../../catalog/blueprint.js';
import type { EngineApi } from '../../engine/api.js';
import type { Stack } from '../../engine/compose.js';
import { GatherError } from '../../output/errors.js';
import type { Reporter } from '../../output/events.js';
import type { Project } from '../../project/project.js';
import { overrideOf } from '../observe/model.js';
import { type BindMount, mountsOf } from '../observe/mounts.js';
import type { Wanted } from '../observe/wanted.js';
import { redactor } from '../redact.js';
import type { Problem } from './problem.js';

/**
 * Files and folders that services mount have to be where the engine looks for them: it would refuse one container, and Compose leave
 * the others half made; or it would make an empty folder, and nobody hear of it. The engine is asked, since it may be elsewhere.
 */
export async function missingMounts(
  stack: Stack,
  docker: EngineApi,
  blueprint: Blueprint,
  wanted: Wanted,
  report: Reporter,
): Promise<Problem[]> {
  const mounts = await mountsOf(stack, blueprint).catch((error: unknown) => unreadable(error));
  if ('text' in mounts) {
    const clean = redactor(blueprint, stack.project.env);
    return [{ ...mounts, text: clean(mounts.text) }];
  }
  const sockets = engineSockets(blueprint);
  const all = onceEach(
    mounts.filter(({ service, variable }) => !wanted.idle.has(service) && !sockets.has(variable)),
  );
  const seen = await Promise.all(all.map(({ source }) => docker.sees(source)));
  const missing = all.filter((_, i) => !seen[i]);
  for (const one of missing.filter(isMadeEmpty))
    report.event({
      type: 'warning',
      text: `${inWords(one)} does not exist: the engine makes an empty folder of it, which is root's`,
    });
  return missing.filter((one) => !isMadeEmpty(one)).map((one) => problemOf(one, stack.project));
}

/** Variables that hold the engine's own socket: it answers, and before the stack starts they get the path at which it does. */
function engineSockets({ variables }: Blueprint): Set<string | undefined> {
  return new Set(variables.filter(({ machine }) => machine === 'docker-socket').map(({ name }) => name));
}

/** Of an override, once values are in it. What Compose says may quote them. */
function unreadable(error: unknown): Problem {
  if (!(error instanceof GatherError) || error.code !== 'PROJECT_INVALID') throw error;
  return { text: `${error.message}: ${error.details.join(' ')}`, hint: 'docker compose config --quiet' };
}

function onceEach(mounts: BindMount[]): BindMount[] {
  return mounts.filter((one, i) => mounts.findIndex(({ source }) => source === one.source) === i);
}

function isMadeEmpty({ source, isMade }: BindMount): boolean {
  return isMade && !existsSync(source);
}

function problemOf(mount: BindMount, { folder, env }: Project): Problem {
  const { source, variable } = mount;
  const override = overrideOf(folder);
  if (existsSync(source))
    return {
      text: `${inWords(mount)} is on this machine, and the engine does not see it: it runs elsewhere, or in a virtual machine`,
      hint: `share ${folder} with the engine (Docker Desktop: Settings, Resources, File sharing)`,
    };
  if (variable)
    return {
      text: `.env:${env.line(variable) ?? ''}: ${variable}: ${inWords(mount)} does not exist`,
      hint: `gather env set ${variable} …`,
    };
  return {
    text: `${inWords(mount)} does not exist`,
    hint: override ? `make it, or correct ${override}` : 'make it, or: gather render',
  };
}

function inWords({ source, service }: BindMount): string {
  return `${source}, which ${service} mounts,`;
}

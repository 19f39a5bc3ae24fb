import { setTimeout as sleep } from 'node:timers/promises';
import type { Blueprint } from '../../catalog/blueprint.js';
import { lookupOf } from '../../catalog/lookup.js';
import type { EngineApi } from '../../engine/api.js';
import { type Stack, stackName } from '../../engine/compose.js';
import { GatherError } from '../../output/errors.js';
import type { Reporter } from '../../output/events.js';
import { isSettled } from '../observe/containers.js';
import { lastLogLines } from '../observe/last-lines.js';
import type { Wanted } from '../observe/wanted.js';
import { Readiness } from '../ready/readiness.js';
import { redactor } from '../redact.js';
import { type ComposeUp, startCompose } from './compose-up.js';
import { causesOf, explainFailure, type Failure } from './diagnosis.js';
import { revive } from './mend-containers.js';
import { preflight } from './preflight.js';
import { rootOf } from './root-cause.js';
import { StackWatch } from './stack-watch.js';

export interface BootOptions {
  stack: Stack;
  docker: EngineApi;
  blueprint: Blueprint;
  wanted: Wanted;
  report: Reporter;
  /** Seconds after which the wait ends; everything is left running then. */
  timeout: number;
  signal: AbortSignal;
}

/** Seconds from the start of the phase until each part of the boot was through. */
export interface BootTimes {
  services: number;
  probes: number;
}

/** How long a part may be silent that Docker calls healthy: after a minute it is frozen, not slow. */
const SILENT_S = 60;

/** How long the container behind an error of Compose may take to be seen: it says more. */
const COMPOSE_GRACE_MS = 1500;

/** What an engine says of a port that it cannot publish: Linux with and without its proxy, Docker Desktop. */
const PORT_TAKEN = /port is already allocated|address already in use|ports are not available/i;

/** How long the end of this boot's Compose, told to end, is waited for: who comes next would meet it. */
const COMPOSE_END_MS = 1000;

/** What the parts of one boot share. */
interface Boot extends BootOptions {
  watch: StackWatch;
  compose: ComposeUp;
  readiness: Readiness;
  /** Takes secrets out of a text. */
  clean: (text: string) => string;
}

/**
 * `docker compose up`, watched: Compose keeps the order, gather observes. Ends when every probe passes. Throws
 * STACK_UNHEALTHY as soon as a container goes wrong, or at the deadline; nothing is torn down then.
 * @param start how Compose is started
 */
export async function boot(options: BootOptions, start = startCompose): Promise<BootTimes> {
  const { stack, docker, blueprint, wanted, report } = options;
  const name = stackName(stack.project);
  const clean = redactor(blueprint, stack.project.env);
  const lookup = lookupOf(blueprint, stack.project.env);
  const watch = await StackWatch.start(docker, name, report, wanted);
  const stop = new AbortController();
  let compose: ComposeUp | undefined;
  try {
    if (await revive(docker, name, wanted, watch.current(), report)) await watch.refresh();
    compose = start(stack, clean, stop.signal);
    const readiness = new Readiness(docker, wanted.probes, lookup, report);
    return await untilUsable({ ...options, watch, compose, readiness, clean });
  } finally {
    stop.abort();
    watch.stop();
    await Promise.race([compose?.ended, sleep(COMPOSE_END_MS, undefined, { ref: false })]);
  }
}

async function untilUsable(boot: Boot): Promise<BootTimes> {
  const { watch, compose, readiness, report, timeout } = boot;
  let services: number | undefined;
  const stopped = new Promise<void>((resolve) => {
    boot.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  for (;;) {
    await throwVerdict(boot);
    const composeEnded = compose.endedAt !== undefined;
    readiness.ask(watch.current(), watch.checked);
    if (compose.error) await throwComposeError(boot);
    else if (composeEnded && watch.settled()) {
      if (services === undefined) {
        services = watch.seconds();
        const text = `${watch.current().length} containers run`;
        report.event({ type: 'phase-done', phase: 'services', seconds: services, text });
      }
      if (readiness.isComplete(watch.current())) {
        const probes = watch.seconds() - services;
        report.event({ type: 'phase-done', phase: 'probes', seconds: probes, text: 'every part answers' });
        return { services, probes };
      }
    } else if (composeEnded) await throwBroken(boot);
    if (services === undefined) {
      if (watch.seconds() > timeout) throw await tooLate(boot);
    } else if (watch.seconds() - services > Math.min(SILENT_S, Math.max(10, timeout - services)))
      throw silent(boot);
    await Promise.race([watch.next(compose.error ? 100 : 500), readiness.next(), stopped]);
  }
}

/** What went wrong with a container, if anything did. */
async function throwVerdict(boot: Boot): Promise<void> {
  const { watch, compose, signal } = boot;
  if (signal.aborted)
    throw new GatherError('CANCELLED', 'stopped while the stack was starting; what runs goes on', {
      exitCode: 130,
      hints: ['gather up goes on from here', 'gather down stops it'],
    });
  let failure: Failure | undefined;
  try {
    failure = watch.verdict(compose.endedAt !== undefined);
  } catch (error) {
    throw new GatherError('ENGINE_FAILED', (error as Error).message, {
      hints: ['gather engine status', 'gather up goes on from here'],
      exitCode: 4,
    });
  }
  if (!failure) return;
  if (PORT_TAKEN.test(failure.said ?? '')) await throwTaken(boot);
  throw await explained(boot, failure);
}

/** A port that somebody took in the meantime: the preflight knows who. */
function throwTaken({ stack, docker, blueprint, wanted, report }: Boot): Promise<void> {
  return preflight(stack, docker, blueprint, wanted, report);
}

/** What Compose says; once the container behind it had the time to be seen. */
async function throwComposeError(boot: Boot): Promise<void> {
  const { compose } = boot;
  if (Date.now() - (compose.endedAt ?? 0) < COMPOSE_GRACE_MS) return;
  await throwTaken(boot);
  throw compose.error;
}

/** What Compose left broken without an event of this boot: a restart loop, for one, that began before it. */
async function throwBroken(boot: Boot): Promise<void> {
  const broken = boot.watch.current().flatMap((container): Failure[] => {
    const { state, exitCode } = container;
    if (state === 'unhealthy') return [{ container, reason: 'unhealthy', exitCode }];
    return state === 'exited' || state === 'restarting' ? [{ container, reason: 'exited', exitCode }] : [];
  });
  const root = rootOf(broken, boot.wanted.dependsOn);
  if (root) throw await explained(boot, root);
}

function explained({ docker, watch, blueprint, clean }: Boot, failure: Failure): Promise<GatherError> {
  const waiting = watch.waitingFor(failure.container.service);
  return explainFailure(docker, failure, waiting, causesOf(blueprint), clean);
}

async function tooLate({ docker, watch, timeout, clean }: Boot): Promise<GatherError> {
  // what a service waits for, it says itself: "waiting for the database: …"
  const unsettled = watch.current().filter((one) => !isSettled(one));
  const details = await Promise.all(
    unsettled.map(async ({ id, label, state }) => {
      const [said] = await lastLogLines(docker, id, 1).catch(() => []);
      return `${label} is ${state}${said ? `: ${clean(said)}` : ''}`;
    }),
  );
  return new GatherError(
    'STACK_UNHEALTHY',
    `the stack is not usable after ${timeout} s; everything is left running`,
    { details, hints: ['gather status', `gather up --timeout ${timeout * 2} waits on`] },
  );
}

/** The parts that Docker calls healthy and that do not answer all the same. */
function silent({ readiness, watch, clean }: Boot): GatherError {
  const results = readiness.problems(watch.current());
  const names = [...new Set(results.map((result) => result.service))];
  return new GatherError('STACK_UNHEALTHY', `${names.join(', ')}: runs, but does not do its work`, {
    details: results.map((result) => `${result.service}: not "${result.says}": ${clean(result.problem)}`),
    hints: [
      `gather restart ${names.join(' ')}`,
      'gather status',
      ...names.map((name) => `gather logs ${name}`),
    ].slice(0, 3),
  });
}

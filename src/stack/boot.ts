import type Dockerode from 'dockerode';
import { lookupIn } from '../catalog/lookup.js';
import type { Blueprint } from '../catalog/resolve.js';
import { composeArgs, composeOptions, lastLines, type Stack, stackName } from '../engine/compose.js';
import { GatherError } from '../output/errors.js';
import type { Reporter } from '../output/events.js';
import { isSettled, type StackContainer } from './containers.js';
import { lastLogLines } from './exec.js';
import { explainFailure, type Failure, knownCause } from './failure.js';
import { cutOff } from './networks.js';
import { preflight } from './preflight.js';
import { type ProbeResult, runProbe } from './probe.js';
import { redactor } from './redact.js';
import { rootOf } from './root-cause.js';
import { type StackShape, shapeOf } from './shape.js';
import { StackWatch } from './watch.js';

export interface BootOptions {
  stack: Stack;
  docker: Dockerode;
  blueprint: Blueprint;
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

const PROBE_PAUSE_MS = 300;

/** Docker calls everything healthy by then: what does not answer for a minute is frozen, not slow. */
const PROBE_WAIT_S = 60;

/**
 * `docker compose up`, watched: Compose keeps the order, gather observes. Ends when every probe passes. Throws
 * STACK_UNHEALTHY as soon as a container goes wrong, or at the deadline; nothing is torn down then.
 */
export async function boot(options: BootOptions): Promise<BootTimes> {
  const { stack, docker, blueprint, report } = options;
  const watch = await StackWatch.start(
    docker,
    stackName(stack.project),
    report,
    shapeOf(blueprint, stack.profiles),
  );
  const clean = redactor(blueprint, stack.project.env);
  const stop = new AbortController();
  try {
    await revive(options, watch);
    const compose = runCompose(options, stop.signal, clean);
    await untilSettled(options, watch, compose, clean);
    const services = watch.seconds();
    report.event({
      type: 'phase-done',
      phase: 'services',
      seconds: services,
      text: `${watch.current().length} containers run`,
    });
    await untilUsable(options, watch, clean);
    const probes = watch.seconds() - services;
    report.event({ type: 'phase-done', phase: 'probes', seconds: probes, text: 'every part answers' });
    return { services, probes };
  } finally {
    stop.abort();
    watch.stop();
  }
}

/**
 * What Compose leaves as it is. A paused container is thawed; it is restarted, as an unhealthy one is, for Docker would call it
 * unhealthy until its next check, up to a minute later. One that was cut from a network is taken away: Compose makes it anew.
 */
async function revive({ docker, blueprint, stack, report }: BootOptions, watch: StackWatch): Promise<void> {
  const containers = watch.current();
  const shape = shapeOf(blueprint, stack.profiles);
  const alone = cutOff(containers, shape, stackName(stack.project)).map(({ container }) => container);
  const sick = containers.filter((one) => one.state === 'paused' || one.state === 'unhealthy');
  const say = (one: StackContainer, text: string) =>
    report.event({ type: 'note', text: `${one.label} ${text}` });
  await Promise.all([
    ...alone.map(async (one) => {
      say(one, 'was cut from a network, and is made anew');
      await docker.getContainer(one.id).remove({ force: true });
    }),
    ...sick
      .filter((one) => !alone.includes(one))
      .map(async (one) => {
        say(one, `was ${one.state}, and is restarted`);
        const container = docker.getContainer(one.id);
        if (one.state === 'paused') await container.unpause();
        await container.restart({ t: 10 });
      }),
  ]);
  if (alone.length + sick.length > 0) await watch.refresh();
}

/** Settles to an error when compose fails; gather's own verdict, when there is one, says more. */
async function runCompose(
  options: BootOptions,
  signal: AbortSignal,
  clean: (text: string) => string,
): Promise<GatherError | undefined> {
  const { stack } = options;
  const { execa } = await import('execa');
  const args = ['up', '--detach', '--no-build', '--remove-orphans', '--quiet-pull'];
  const result = await execa(stack.engine.docker, composeArgs(stack, args), {
    ...composeOptions(stack),
    stdin: 'ignore',
    all: true,
    cancelSignal: signal,
    forceKillAfterDelay: 3000,
  });
  if (result.exitCode === 0 || result.isCanceled) return undefined;
  const said = clean(String(result.all));
  const known = knownCause(said);
  return new GatherError(
    'STACK_UNHEALTHY',
    `docker compose could not start the stack${known ? `: ${known.means}` : ''}`,
    {
      details: lastLines(said, 10),
      hints: [...(known?.hints ?? []), 'gather logs', 'gather status'].slice(0, 3),
    },
  );
}

async function untilSettled(
  options: BootOptions,
  watch: StackWatch,
  compose: Promise<GatherError | undefined>,
  clean: (text: string) => string,
): Promise<void> {
  const shape = shapeOf(options.blueprint, options.stack.profiles);
  let composeEnded = false;
  let composeError: GatherError | undefined;
  void compose.then((error) => {
    composeEnded = true;
    composeError = error;
  });
  const deadline = Date.now() + options.timeout * 1000;
  let graceUntil = 0;
  for (;;) {
    await throwVerdict(options, watch, clean, composeEnded);
    if (composeEnded) {
      await watch.refresh();
      if (!composeError && watch.settled()) return;
      // what Compose itself says of a file that it cannot read has nothing to do with what lies broken since yesterday
      const sick = composeError ? undefined : brokenAtTheEnd(watch, shape);
      if (sick)
        throw await explainFailure(options.docker, sick, watch.waitingFor(sick.container.service), clean);
    }
    if (composeError) {
      // the container behind it is about to be seen, and says more than compose does
      graceUntil ||= Date.now() + 1500;
      if (Date.now() > graceUntil) {
        // a port that somebody took in the meantime: the preflight knows who
        await preflight(options.stack, options.docker, options.blueprint, options.report);
        throw composeError;
      }
    }
    if (Date.now() > deadline)
      throw await tooLate(
        options,
        watch.current().filter((one) => !isSettled(one)),
        clean,
      );
    await watch.next(composeError ? 100 : 500);
  }
}

async function untilUsable(
  options: BootOptions,
  watch: StackWatch,
  clean: (text: string) => string,
): Promise<void> {
  const lookup = lookupIn(options.blueprint.variables, (name) => options.stack.project.env.get(name));
  const seconds = Math.min(PROBE_WAIT_S, Math.max(10, options.timeout - watch.seconds()));
  const deadline = Date.now() + seconds * 1000;
  let waiting = shapeOf(options.blueprint, options.stack.profiles).probes;
  const passed = new Set<string>();
  while (waiting.length) {
    await throwVerdict(options, watch, clean);
    const results = await Promise.all(
      waiting.map((probe) => runProbe(options.docker, probe, watch.current(), lookup)),
    );
    for (const result of results.flat())
      if (result.passed && !passed.has(key(result))) {
        passed.add(key(result));
        options.report.event({ type: 'probe', service: result.service, says: result.says, passed: true });
      }
    const before = waiting;
    waiting = before.filter((_, i) => results[i]?.some((result) => !result.passed));
    if (!waiting.length) return;
    if (Date.now() > deadline)
      throw silent(
        results.flat().filter((result) => !result.passed),
        clean,
      );
    await watch.next(PROBE_PAUSE_MS);
  }
}

/** The parts that Docker calls healthy and that do not answer all the same. */
function silent(results: ProbeResult[], clean: (text: string) => string): GatherError {
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

function key(result: ProbeResult): string {
  return `${result.service} ${result.says}`;
}

async function throwVerdict(
  options: BootOptions,
  watch: StackWatch,
  clean: (text: string) => string,
  composeEnded = true,
): Promise<void> {
  if (options.signal.aborted)
    throw new GatherError('CANCELLED', 'stopped while the stack was starting; what runs goes on', {
      exitCode: 130,
      hints: ['gather up goes on from here', 'gather down stops it'],
    });
  let failure: ReturnType<StackWatch['verdict']>;
  try {
    failure = watch.verdict(composeEnded);
  } catch (error) {
    throw new GatherError('ENGINE_FAILED', (error as Error).message, {
      hints: ['gather engine status', 'gather up goes on from here'],
      exitCode: 4,
    });
  }
  if (failure)
    throw await explainFailure(options.docker, failure, watch.waitingFor(failure.container.service), clean);
}

/** What Compose left broken without an event of this boot: a restart loop, for one, that began before it. */
function brokenAtTheEnd(watch: StackWatch, { dependsOn }: StackShape): Failure | undefined {
  const broken = watch.current().flatMap((container): Failure[] => {
    const { state, exitCode } = container;
    if (state === 'unhealthy') return [{ container, reason: 'unhealthy', exitCode }];
    return state === 'exited' || state === 'restarting' ? [{ container, reason: 'exited', exitCode }] : [];
  });
  return rootOf(broken, dependsOn);
}

async function tooLate(
  { docker, timeout }: BootOptions,
  unsettled: StackContainer[],
  clean: (text: string) => string,
): Promise<GatherError> {
  // what a service waits for, it says itself: "waiting for the database: …"
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

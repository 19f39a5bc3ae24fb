import { isSettled, type StackContainer } from '../observe/containers.js';
import type { Wanted } from '../observe/wanted.js';
import type { Failure } from './diagnosis.js';
import { dependenciesOf, rootOf } from './root-cause.js';

/** What the engine tells of a container. */
export interface EngineEvent {
  Action: string;
  Actor: { ID: string; Attributes: Record<string, string> };
}

/** How long the end of one container waits for the end of what it depends on: they are told of in any order. */
const ROOT_WAIT_MS = 1000;

/** Compose replaces a container at once; one that is stopped for longer was stopped by somebody else. */
const REPLACED_WITHIN_MS = 1500;

/** A container of an earlier boot may end again and again, as it did before, until Compose has come round to replacing it. */
const OLD_WAIT_MS = 3000;

/** What goes wrong with the containers of a stack while they are watched. */
export class Failures {
  /** The containers that an earlier boot made: those of the first look, whatever the engine's clock says. */
  private earlier: ReadonlySet<string> | undefined;
  /** Containers that somebody stops on purpose (Compose replacing them): their end is no failure. */
  private readonly stopping = new Set<string>();
  private readonly outOfMemory = new Set<string>();
  /** Container → what became of it, and when (ms). */
  private readonly failures = new Map<string, { failure: Failure; at: number }>();
  /** Container that was stopped on purpose → when (ms). */
  private readonly stopped = new Map<string, number>();

  /** Takes note of the containers that were there before anything was started; of later looks none is the first. */
  begin(containers: StackContainer[]): void {
    this.earlier ??= new Set(containers.map(({ id }) => id));
  }

  /** Takes note of an event when it comes, for a start that follows at once takes the mark of a stop away; true for the end of what was stopped. */
  hear({ Action, Actor: { ID: id } }: EngineEvent): boolean {
    if (Action === 'kill' || Action === 'destroy') this.stopping.add(id);
    if (Action === 'start') {
      this.stopping.delete(id);
      this.stopped.delete(id);
    }
    if (Action === 'oom') this.outOfMemory.add(id);
    const isMeant = Action === 'die' && this.stopping.has(id);
    if (isMeant) this.stopped.set(id, Date.now());
    return isMeant;
  }

  /** Says what the event means for its container, as the engine lists that one since. */
  judge({ Action, Actor }: EngineEvent, container: StackContainer): void {
    const { id } = container;
    const keep = (reason: Failure['reason'], exitCode?: number) => {
      const at = this.failures.get(id)?.at ?? Date.now();
      this.failures.set(id, { failure: { container, reason, exitCode }, at });
    };
    if (Action === 'die') {
      const exitCode = Number(Actor.Attributes.exitCode);
      const isOneShot = container.state === 'done';
      if (exitCode !== 0 || !isOneShot) keep(this.outOfMemory.has(id) ? 'out of memory' : 'exited', exitCode);
    }
    // what was killed may be a child of the main process, which goes on without it
    if (Action === 'oom') keep('out of memory');
    if (Action === 'health_status: unhealthy') keep('unhealthy');
  }

  /** A container that the engine could not start, as it says. */
  cannotStart(container: StackContainer, said: string): void {
    const failure: Failure = { container, reason: 'not started', exitCode: undefined, said };
    if (!this.failures.has(container.id)) this.failures.set(container.id, { failure, at: Date.now() });
  }

  /**
   * The root of what went wrong, if anything has; not before what it depends on has had a second to go wrong, too.
   * @param composeEnded true when nobody will replace a container any more.
   */
  root(
    containers: StackContainer[],
    dependsOn: Wanted['dependsOn'],
    composeEnded: boolean,
  ): Failure | undefined {
    const now = Date.now();
    const isThere = (id: string) => containers.some((one) => one.id === id && one.state !== 'missing');
    const known = [...this.failures.values()].filter(
      ({ failure: { container }, at }) =>
        isThere(container.id) && (composeEnded || !this.isOld(container) || now - at >= OLD_WAIT_MS),
    );
    const patience = composeEnded ? 0 : known.length > 0 ? ROOT_WAIT_MS / 3 : REPLACED_WITHIN_MS;
    const stopped = this.stoppedForGood(containers, now - patience);
    const root = rootOf([...known.map((one) => one.failure), ...stopped], dependsOn);
    if (!root) return undefined;
    const since = Math.min(...known.map((one) => one.at), stopped.length ? now - REPLACED_WITHIN_MS : now);
    // an `oom` without an end may still be followed by one
    const isCertain =
      (root.reason !== 'out of memory' || root.exitCode !== undefined) &&
      unsettled([...dependenciesOf(root.container.service, dependsOn)], containers).length === 0;
    return isCertain || now - since >= ROOT_WAIT_MS ? root : undefined;
  }

  /** True for a container that an earlier boot made. */
  isOld({ id }: StackContainer): boolean {
    return this.earlier?.has(id) ?? false;
  }

  /** Those that somebody stopped no later than at `before` (ms), and that nobody has replaced or started again. */
  private stoppedForGood(containers: StackContainer[], before: number): Failure[] {
    return containers
      .filter(
        (one) =>
          (one.state === 'exited' || one.state === 'done') &&
          (this.stopped.get(one.id) ?? Number.POSITIVE_INFINITY) <= before,
      )
      .map((container) => ({ container, reason: 'stopped', exitCode: container.exitCode }));
  }
}

/** Those of the services that have no settled container. */
export function unsettled(services: string[], containers: StackContainer[]): string[] {
  return services.filter((service) => !containers.some((one) => one.service === service && isSettled(one)));
}

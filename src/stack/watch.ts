import type Dockerode from 'dockerode';
import type { Reporter } from '../output/events.js';
import { isSettled, listContainers, type StackContainer } from './containers.js';
import type { Failure } from './failure.js';
import { dependenciesOf, rootOf } from './root-cause.js';
import type { StackShape } from './shape.js';

interface EngineEvent {
  Type: string;
  Action: string;
  Actor: { ID: string; Attributes: Record<string, string> };
}

type EventStream = NodeJS.ReadableStream & { destroy?(): void };

/** How long the end of one container waits for the end of what it depends on: they are told of in any order. */
const ROOT_WAIT_MS = 1000;

/** Compose replaces a container at once; one that is stopped for longer was stopped by somebody else. */
const REPLACED_WITHIN_MS = 1500;

/** A container of an earlier boot may end again and again, as it did before, until Compose has come round to replacing it. */
const OLD_WAIT_MS = 3000;

/** Follows the containers of a stack through the engine's event stream, and finds the root of what goes wrong. */
export class StackWatch {
  readonly started = Date.now();
  private containers: StackContainer[] = [];
  private readonly shown = new Map<string, string>();
  /** Containers that somebody stops on purpose (Compose replacing them): their end is no failure. */
  private readonly stopping = new Set<string>();
  private readonly outOfMemory = new Set<string>();
  private refreshing: Promise<void> | undefined;
  private again = false;
  private changed: (() => void) | undefined;
  /** Container → what became of it, and when (ms). */
  private readonly failures = new Map<string, { failure: Failure; at: number }>();
  /** Container that was stopped on purpose → when (ms). */
  private readonly stopped = new Map<string, number>();
  private gone: Error | undefined;
  /** As the components say, and the containers themselves. */
  private readonly dependsOn: StackShape['dependsOn'];

  private constructor(
    private readonly docker: Dockerode,
    private readonly stack: string,
    private readonly report: Reporter,
    private readonly shape: StackShape,
    private readonly stream: EventStream,
  ) {
    this.dependsOn = { ...shape.dependsOn };
  }

  static async start(
    docker: Dockerode,
    stack: string,
    report: Reporter,
    shape: StackShape,
  ): Promise<StackWatch> {
    const stream = (await docker.getEvents({
      filters: {
        type: ['container'],
        label: [`com.docker.compose.project=${stack}`, 'com.docker.compose.oneoff=False'],
      },
    })) as EventStream;
    const watch = new StackWatch(docker, stack, report, shape, stream);
    let rest = '';
    stream.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString('utf8')).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line.trim()) watch.take(JSON.parse(line) as EngineEvent);
    });
    const lost = () => {
      watch.gone ??= new Error('the Docker Engine has gone away');
      watch.changed?.();
    };
    stream.on('end', lost).on('error', lost);
    await watch.refresh();
    return watch;
  }

  /** Seconds since the watch began. */
  seconds(): number {
    return (Date.now() - this.started) / 1000;
  }

  current(): StackContainer[] {
    return this.containers;
  }

  /**
   * The root of what went wrong, if anything has; not before what it depends on has had a second to go wrong, too.
   * Throws when the engine is no longer there.
   * @param composeEnded true when nobody will replace a container any more.
   */
  verdict(composeEnded = false): Failure | undefined {
    if (this.gone) throw this.gone;
    const now = Date.now();
    const known = [...this.failures.values()].filter(
      ({ failure: { container }, at }) =>
        this.isThere(container.id) && (composeEnded || !this.isOld(container) || now - at >= OLD_WAIT_MS),
    );
    const patience = composeEnded ? 0 : known.length > 0 ? ROOT_WAIT_MS / 3 : REPLACED_WITHIN_MS;
    const stopped = this.stoppedForGood(now - patience);
    const root = rootOf([...known.map((one) => one.failure), ...stopped], this.dependsOn);
    if (!root) return undefined;
    const since = Math.min(...known.map((one) => one.at), stopped.length ? now - REPLACED_WITHIN_MS : now);
    // an `oom` without an end may still be followed by one
    const isCertain =
      (root.reason !== 'out of memory' || root.exitCode !== undefined) &&
      this.unsettled([...dependenciesOf(root.container.service, this.dependsOn)]).length === 0;
    return isCertain || now - since >= ROOT_WAIT_MS ? root : undefined;
  }

  /** True when every container is as it is to be. */
  settled(): boolean {
    return this.containers.length > 0 && this.containers.every(isSettled);
  }

  /** Services that have not got as far as running because of `service`, directly or through others. */
  waitingFor(service: string): string[] {
    const waiting = new Set<string>();
    const follow = (name: string): void => {
      for (const [dependent, names] of Object.entries(this.dependsOn))
        if (names.includes(name) && !waiting.has(dependent)) {
          waiting.add(dependent);
          follow(dependent);
        }
    };
    follow(service);
    return [...waiting]
      .filter((name) => !this.shape.idle.has(name))
      .filter((name) => !this.containers.some((one) => one.service === name && isSettled(one)));
  }

  /** Resolves at the next change, or after `ms`. */
  next(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(done, ms);
      const self = this;
      function done(): void {
        clearTimeout(timer);
        self.changed = undefined;
        resolve();
      }
      this.changed = done;
    });
  }

  /** Asks the engine anew; calls that come meanwhile share one further answer. */
  refresh(): Promise<void> {
    if (this.refreshing) {
      this.again = true;
      return this.refreshing;
    }
    this.refreshing = (async () => {
      do {
        this.again = false;
        this.containers = await listContainers(this.docker, this.stack, this.shape);
        for (const { service, waitsFor } of this.containers)
          this.dependsOn[service] = [...new Set([...(this.dependsOn[service] ?? []), ...waitsFor])];
        this.show();
      } while (this.again);
    })()
      .catch((error: Error) => {
        this.gone ??= new Error(`the Docker Engine has gone away: ${error.message}`);
      })
      .finally(() => {
        this.refreshing = undefined;
      });
    return this.refreshing;
  }

  stop(): void {
    this.stream.removeAllListeners('end').removeAllListeners('error');
    this.stream.on('error', () => {});
    this.stream.destroy?.();
    this.changed?.();
  }

  private take(event: EngineEvent): void {
    const id = event.Actor.ID;
    const [action = ''] = event.Action.split(':');
    if (action.startsWith('exec_')) return;
    if (action === 'kill' || action === 'destroy') this.stopping.add(id);
    if (action === 'start') {
      this.stopping.delete(id);
      this.stopped.delete(id);
    }
    if (action === 'oom') this.outOfMemory.add(id);
    // asked now, not once the engine has answered: a start that follows at once takes the mark away
    const isOnPurpose = action === 'die' && this.stopping.has(id);
    if (isOnPurpose) this.stopped.set(id, Date.now());
    void this.refresh()
      .then(() => isOnPurpose || this.judge(id, event))
      .then(() => this.changed?.());
  }

  private judge(id: string, event: EngineEvent): void {
    const container = this.containers.find((one) => one.id === id);
    if (!container) return;
    const keep = (reason: Failure['reason'], exitCode?: number) => {
      const at = this.failures.get(id)?.at ?? Date.now();
      this.failures.set(id, { failure: { container, reason, exitCode }, at });
    };
    if (event.Action === 'die') {
      const exitCode = Number(event.Actor.Attributes.exitCode);
      const isOneShot = container.state === 'done';
      if (exitCode !== 0 || !isOneShot) keep(this.outOfMemory.has(id) ? 'out of memory' : 'exited', exitCode);
    }
    // what was killed may be a child of the main process, which goes on without it
    if (event.Action === 'oom') keep('out of memory');
    if (event.Action === 'health_status: unhealthy') keep('unhealthy');
  }

  private isThere(id: string): boolean {
    return this.containers.some((one) => one.id === id && one.state !== 'missing');
  }

  /** True for a container that an earlier boot made. */
  private isOld({ created }: StackContainer): boolean {
    return created < Math.floor(this.started / 1000);
  }

  /** Those that somebody stopped no later than at `before` (ms), and that nobody has replaced or started again. */
  private stoppedForGood(before: number): Failure[] {
    return this.containers
      .filter(
        (one) =>
          (one.state === 'exited' || one.state === 'done') &&
          (this.stopped.get(one.id) ?? Number.POSITIVE_INFINITY) <= before,
      )
      .map((container) => ({ container, reason: 'stopped', exitCode: container.exitCode }));
  }

  private show(): void {
    for (const container of this.containers) {
      const waitsFor =
        container.state === 'created' ? this.unsettled(this.dependsOn[container.service] ?? []) : [];
      const text = `${container.state} ${waitsFor.join()}`;
      if (this.shown.get(container.id) === text) continue;
      const isOld = !this.shown.has(container.id) && isSettled(container) && this.isOld(container);
      this.shown.set(container.id, text);
      if (isOld) continue;
      this.report.event({
        type: 'service',
        service: container.service,
        container: container.label,
        state: container.state,
        seconds: this.seconds(),
        ...(waitsFor.length ? { waitsFor } : {}),
      });
    }
  }

  private unsettled(services: string[]): string[] {
    return services.filter(
      (service) => !this.containers.some((one) => one.service === service && isSettled(one)),
    );
  }
}

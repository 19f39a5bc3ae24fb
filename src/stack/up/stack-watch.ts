import type { EngineApi, EventStream } from '../../engine/api.js';
import type { Reporter } from '../../output/events.js';
import { isSettled, listContainers, type StackContainer } from '../observe/containers.js';
import type { Wanted } from '../observe/wanted.js';
import type { Failure } from './diagnosis.js';
import { type EngineEvent, Failures, unsettled } from './failures.js';

/** How long a container is `created` before the engine is asked why, and until it is asked again. */
const UNSTARTED_MS = 1000;

/** Follows the containers of a stack through the engine's event stream. */
export class StackWatch {
  readonly started = Date.now();
  private containers: StackContainer[] = [];
  private readonly shown = new Map<string, string>();
  private readonly failures = new Failures();
  /** Containers whose health check has passed since the watch began. */
  readonly checked = new Set<string>();
  /** Container that is not started yet → when the engine is to be asked for what it says of it (ms). */
  private readonly lookAt = new Map<string, number>();
  private looking: Promise<void> | undefined;
  private refreshing: Promise<void> | undefined;
  private again = false;
  private waiting: Promise<void> | undefined;
  private changed: (() => void) | undefined;
  private gone: Error | undefined;
  /** As the components say, and the containers themselves. */
  private readonly dependsOn: Wanted['dependsOn'];

  private constructor(
    private readonly docker: EngineApi,
    private readonly stack: string,
    private readonly report: Reporter,
    private readonly wanted: Wanted,
    private readonly stream: EventStream,
  ) {
    this.dependsOn = { ...wanted.dependsOn };
  }

  static async start(
    docker: EngineApi,
    stack: string,
    report: Reporter,
    wanted: Wanted,
  ): Promise<StackWatch> {
    const stream = await docker.events({
      type: ['container'],
      label: [`com.docker.compose.project=${stack}`, 'com.docker.compose.oneoff=False'],
    });
    const watch = new StackWatch(docker, stack, report, wanted, stream);
    const lost = (why?: string) => {
      watch.gone ??= new Error(`the Docker Engine has gone away${why ? `: ${why}` : ''}`);
      watch.changed?.();
    };
    let rest = '';
    stream.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString('utf8')).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines.filter((one) => one.trim())) {
        const event = readEvent(line);
        if (event) watch.take(event);
        else lost('what it says is not JSON');
      }
    });
    stream.on('end', () => lost()).on('error', () => lost());
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
   * The root of what went wrong, if anything has. Throws when the engine is no longer there.
   * @param composeEnded true when nobody will replace a container any more.
   */
  verdict(composeEnded = false): Failure | undefined {
    if (this.gone) throw this.gone;
    return this.failures.root(this.containers, this.dependsOn, composeEnded);
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
      .filter((name) => !this.wanted.idle.has(name))
      .filter((name) => !this.containers.some((one) => one.service === name && isSettled(one)));
  }

  /** Resolves at the next change; after `ms` without one, when the engine has been asked anew. Who asks meanwhile waits for the same. */
  next(ms: number): Promise<void> {
    this.waiting ??= new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.waiting = this.changed = undefined;
        resolve();
      };
      const timer = setTimeout(() => void this.refresh().then(done), ms);
      this.changed = done;
    });
    return this.waiting;
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
        this.containers = await listContainers(this.docker, this.stack, this.wanted);
        this.failures.begin(this.containers);
        for (const { service, waitsFor } of this.containers)
          this.dependsOn[service] = [...new Set([...(this.dependsOn[service] ?? []), ...waitsFor])];
        this.show();
        this.looking ??= this.findUnstarted().finally(() => {
          this.looking = undefined;
        });
      } while (this.again);
    })()
      .catch((error: Error) => {
        this.gone ??= error;
      })
      .finally(() => {
        this.refreshing = undefined;
      });
    return this.refreshing;
  }

  /**
   * No event tells that the engine could not start a container: it stays `created`, with what went wrong in it. (What an earlier
   * boot left behind like that, `revive` has taken away.) Nobody waits for this: a container that is just being started answers late.
   */
  private async findUnstarted(): Promise<void> {
    const now = Date.now();
    const unstarted = this.containers.filter((one) => one.state === 'created');
    await Promise.all(
      unstarted.map(async (container) => {
        const { id } = container;
        const due = this.lookAt.get(id) ?? now + UNSTARTED_MS;
        this.lookAt.set(id, now < due ? due : now + UNSTARTED_MS);
        if (now < due) return;
        const about = await this.docker.inspectContainer(id).catch(() => undefined);
        if (!about?.State.Error || about.State.Status !== 'created') return;
        this.failures.cannotStart(container, about.State.Error);
        this.changed?.();
      }),
    );
  }

  stop(): void {
    this.stream.removeAllListeners('end').removeAllListeners('error');
    this.stream.on('error', () => {});
    this.stream.destroy();
    this.changed?.();
  }

  private take(event: EngineEvent): void {
    if (event.Action.startsWith('exec_')) return;
    const id = event.Actor.ID;
    if (event.Action === 'health_status: healthy') this.checked.add(id);
    if (event.Action === 'health_status: unhealthy' || event.Action === 'die') this.checked.delete(id);
    const isMeant = this.failures.hear(event);
    void this.refresh()
      .then(() => {
        const container = this.containers.find((one) => one.id === id);
        if (container && !isMeant) this.failures.judge(event, container);
      })
      .then(() => this.changed?.());
  }

  private show(): void {
    for (const container of this.containers) {
      const waitsFor =
        container.state === 'created'
          ? unsettled(this.dependsOn[container.service] ?? [], this.containers)
          : [];
      const text = `${container.state} ${waitsFor.join()}`;
      if (this.shown.get(container.id) === text) continue;
      const isOld = !this.shown.has(container.id) && isSettled(container) && this.failures.isOld(container);
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
}

/** Undefined for what is no event: it must not end the process from within a stream's handler. */
function readEvent(line: string): EngineEvent | undefined {
  try {
    const event = JSON.parse(line) as Partial<EngineEvent> | null;
    const isWhole =
      typeof event?.Action === 'string' && typeof event.Actor?.ID === 'string' && !!event.Actor.Attributes;
    return isWhole ? (event as EngineEvent) : undefined;
  } catch {
    return undefined;
  }
}

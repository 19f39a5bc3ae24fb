import type Dockerode from 'dockerode';
import type { Reporter } from '../output/events.js';
import { isSettled, listContainers, type StackContainer } from './containers.js';
import type { Failure } from './failure.js';
import type { StackShape } from './shape.js';

interface EngineEvent {
  Type: string;
  Action: string;
  Actor: { ID: string; Attributes: Record<string, string> };
}

type EventStream = NodeJS.ReadableStream & { destroy?(): void };

/** Follows the containers of a stack through the engine's event stream, and finds the one that goes wrong first. */
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
  private failure: Failure | undefined;
  private gone: Error | undefined;

  private constructor(
    private readonly docker: Dockerode,
    private readonly stack: string,
    private readonly report: Reporter,
    private readonly shape: StackShape,
    private readonly stream: EventStream,
  ) {}

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

  /** What ended the wait, if anything has. Throws when the engine is no longer there. */
  verdict(): Failure | undefined {
    if (this.gone) throw this.gone;
    return this.failure;
  }

  /** True when every container is as it is to be. */
  settled(): boolean {
    return this.containers.length > 0 && this.containers.every(isSettled);
  }

  /** Services that have not got as far as running because of `service`, directly or through others. */
  waitingFor(service: string): string[] {
    const waiting = new Set<string>();
    const follow = (name: string): void => {
      for (const [dependent, names] of Object.entries(this.shape.dependsOn))
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
        this.show();
      } while (this.again);
    })().finally(() => {
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
    if (action === 'start') this.stopping.delete(id);
    if (action === 'oom') this.outOfMemory.add(id);
    // asked now, not once the engine has answered: a start that follows at once takes the mark away
    const isOnPurpose = action === 'die' && this.stopping.has(id);
    void this.refresh()
      .then(() => isOnPurpose || this.judge(id, event))
      .catch(() => {})
      .then(() => this.changed?.());
  }

  private judge(id: string, event: EngineEvent): void {
    const container = this.containers.find((one) => one.id === id);
    if (this.failure || !container) return;
    if (event.Action === 'die') {
      const exitCode = Number(event.Actor.Attributes.exitCode);
      const isOneShot = container.state === 'done';
      if (exitCode !== 0 || !isOneShot)
        this.failure = { container, reason: this.outOfMemory.has(id) ? 'out of memory' : 'exited', exitCode };
    }
    if (event.Action === 'health_status: unhealthy')
      this.failure = { container, reason: 'unhealthy', exitCode: undefined };
  }

  private show(): void {
    for (const container of this.containers) {
      const waitsFor =
        container.state === 'created' ? this.unsettled(this.shape.dependsOn[container.service] ?? []) : [];
      const text = `${container.state} ${waitsFor.join()}`;
      if (this.shown.get(container.id) === text) continue;
      const isOld =
        !this.shown.has(container.id) &&
        isSettled(container) &&
        container.created < Math.floor(this.started / 1000);
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

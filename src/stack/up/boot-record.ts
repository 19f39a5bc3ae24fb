import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Event, Reporter, ServiceState } from '../../output/events.js';
import { writeAtomic } from '../../project/files.js';
import { FILES } from '../../project/project.js';

/** What one container did during a boot; seconds since the boot began. */
export interface ContainerSpan {
  container: string;
  service: string;
  created?: number;
  started?: number;
  /** When it was healthy, had ended well, or had gone wrong. */
  settled?: number;
  state: ServiceState;
  waitedFor: string[];
}

/** A phase, an image that was got, or a container's way; the last boot of a project. */
export interface BootRecord {
  /** ISO time. */
  started: string;
  airflow: string;
  /** Seconds in all. */
  seconds: number;
  /** True when the stack was usable in the end. */
  usable: boolean;
  phases: { name: string; from: number; to: number }[];
  images: { name: string; from: number; to: number }[];
  containers: ContainerSpan[];
  probes: { service: string; says: string; at: number }[];
}

/** Below the project, ignored by git. */
const FILE = join(FILES.state, 'last-boot.json');

const SETTLED: readonly ServiceState[] = ['healthy', 'done', 'unhealthy', 'exited', 'restarting'];

/** Hands events on, and keeps what they say about time. */
export class BootRecorder implements Reporter {
  private readonly began: number;
  private readonly phases: BootRecord['phases'] = [];
  private readonly images: BootRecord['images'] = [];
  private readonly containers = new Map<string, ContainerSpan>();
  private readonly probes: BootRecord['probes'] = [];

  constructor(
    private readonly next: Reporter,
    private readonly now: () => number = Date.now,
  ) {
    this.began = now();
  }

  event(event: Event): void {
    this.take(event);
    this.next.event(event);
  }

  close(): void {
    this.next.close();
  }

  /** Keeps how long work took that no event tells of; less than 0.05 s is not worth a bar. */
  async timed<T>(name: string, work: Promise<T>): Promise<T> {
    const from = this.at();
    const result = await work;
    const to = this.at();
    if (to - from >= 0.05) this.phases.push({ name, from, to });
    return result;
  }

  /** The times so far. */
  record(airflow: string, usable: boolean): BootRecord {
    return {
      started: new Date(this.began).toISOString(),
      airflow,
      seconds: this.at(),
      usable,
      phases: this.phases,
      images: this.images,
      containers: [...this.containers.values()].sort((a, b) => (a.started ?? 1e9) - (b.started ?? 1e9)),
      probes: this.probes,
    };
  }

  private at(): number {
    return Math.round((this.now() - this.began) / 10) / 100;
  }

  private span(seconds: number): { from: number; to: number } {
    const to = this.at();
    return { from: Math.max(0, Math.round((to - seconds) * 100) / 100), to };
  }

  private take(event: Event): void {
    if (event.type === 'phase-done') this.phases.push({ name: event.phase, ...this.span(event.seconds) });
    if (event.type === 'progress-done')
      this.images.push({ name: event.subject, ...this.span(event.seconds) });
    if (event.type === 'probe' && event.passed)
      this.probes.push({ service: event.service, says: event.says, at: this.at() });
    if (event.type === 'service') this.takeService(event);
  }

  private takeService({ container, service, state, waitsFor }: Extract<Event, { type: 'service' }>): void {
    // Compose takes the old container away before it makes the new one
    if (state === 'missing') {
      this.containers.delete(container);
      return;
    }
    const known = this.containers.get(container);
    const span = known && known.settled === undefined ? known : { container, service, state, waitedFor: [] };
    span.state = state;
    if (state === 'created') span.created ??= this.at();
    else span.started ??= this.at();
    if (SETTLED.includes(state)) span.settled = this.at();
    span.waitedFor = [...new Set([...span.waitedFor, ...(waitsFor ?? [])])];
    this.containers.set(container, span);
  }
}

export function writeBootRecord(folder: string, record: BootRecord): void {
  mkdirSync(join(folder, FILES.state), { recursive: true });
  writeAtomic(join(folder, FILE), `${JSON.stringify(record, null, 1)}\n`);
}

/** Milliseconds since the last boot ended; Infinity when none is known. */
export function sinceBoot(folder: string, now = Date.now()): number {
  const record = readBootRecord(folder);
  return record ? now - Date.parse(record.started) - record.seconds * 1000 : Number.POSITIVE_INFINITY;
}

/** The last boot; undefined when there was none, or when its file cannot be read. */
export function readBootRecord(folder: string): BootRecord | undefined {
  try {
    const record = JSON.parse(readFileSync(join(folder, FILE), 'utf8')) as Partial<BootRecord>;
    const lists = [record.phases, record.images, record.containers, record.probes];
    const isWhole =
      typeof record.started === 'string' &&
      typeof record.airflow === 'string' &&
      typeof record.seconds === 'number' &&
      lists.every(Array.isArray);
    return isWhole ? (record as BootRecord) : undefined;
  } catch {
    return undefined;
  }
}

/** The parts of a boot, in their order; each is timed. */
export const PHASES = ['engine', 'preflight', 'images', 'services', 'probes'] as const;
export type Phase = (typeof PHASES)[number];

/** What a service's container is doing, in Docker's own words. */
export const SERVICE_STATES = [
  'created',
  'starting',
  'running',
  'healthy',
  'unhealthy',
  'exited',
  'done',
  'restarting',
  'paused',
  'missing',
] as const;
export type ServiceState = (typeof SERVICE_STATES)[number];

/** Facts that a long command tells while it works. Only `src/output` turns them into text. */
export type Event =
  | { type: 'note'; text: string }
  | { type: 'warning'; text: string; hints?: string[] }
  | { type: 'phase-done'; phase: Phase; seconds: number; text: string }
  /** Work within a phase: the subject is an image or a package set, the text its last line. */
  | { type: 'progress'; subject: string; text: string }
  | { type: 'progress-done'; subject: string; seconds: number }
  | {
      type: 'service';
      service: string;
      container: string;
      state: ServiceState;
      seconds: number;
      waitsFor?: string[];
    }
  | { type: 'probe'; service: string; says: string; passed: boolean }
  /** A task of a DAG run that is followed, in Airflow's own words; seconds once it has ended. */
  | { type: 'task'; task: string; state: string; seconds?: number }
  /** A line that others wrote and a person asked for: the log of a task or a container; what a command writes when the source is empty. */
  | { type: 'log'; source: string; text: string }
  /** A file of DAGs was read again; with a problem when it cannot be imported. */
  | { type: 'dag-file'; file: string; line?: number; problem?: string; trace?: string[] };

/** Where events go. */
export interface Reporter {
  event(event: Event): void;
  /** Ends any live display, so that other text may be printed. */
  close(): void;
}

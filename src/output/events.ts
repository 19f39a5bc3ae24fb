import type { Event } from './events-model.js';

export type { Event } from './events-model.js';

/** A part of the boot. */
export type Phase = Extract<Event, { type: 'phase-done' }>['phase'];
/** What a service's container is doing. */
export type ServiceState = Extract<Event, { type: 'service' }>['state'];

/** Where facts go that a long command tells while it works. Only `src/output` turns them into text. */
export interface Reporter {
  event(event: Event): void;
  /** Ends any live display, so that other text may be printed. */
  close(): void;
}

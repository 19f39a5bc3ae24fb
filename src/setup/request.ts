import type { Reporter } from '../output/events.js';
import type { Interview } from './ask.js';
import type { FilledValue } from './values.js';

/** What a person, or the command line, wants of `gather init`. */
export interface InitRequest {
  folder: string;
  /** gather's own `compose/` folder. */
  compose: string;
  /** gather's own examples: the folder with `dags/`, `plugins/`, `config/`. */
  examples: string;
  topology?: string | undefined;
  airflow?: string | undefined;
  components?: string[] | undefined;
  set: Map<string, string>;
  rotate: Set<string>;
  rederive: Set<string>;
  interview?: Interview | undefined;
  /** Ends the wait for another gather that is writing the project. */
  signal?: AbortSignal | undefined;
  report?: Pick<Reporter, 'event'> | undefined;
}

/** What `gather init` did. No value of a secret is in it. */
export interface InitReport {
  folder: string;
  topology: string;
  airflow: string;
  /** Files that were written or changed, relative to the folder. */
  files: string[];
  /** Variables that are new or have another value, and where the value comes from. */
  variables: { name: string; origin: FilledValue['origin'] }[];
  /** The same of what no component declares. */
  own: string[];
  notes: string[];
}

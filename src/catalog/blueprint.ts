import { GatherError, type Location } from '../output/errors.js';
import type { Offers } from './offers.js';
import type {
  Component,
  DagsSpec,
  DockerfileSpec,
  ImageSpec,
  S3Spec,
  SqlSpec,
  VariableSpec,
} from './schema.js';

/** What a project asks the catalog for. */
export interface Selection {
  topology: string;
  /** Components beside those of the topology. */
  components: string[];
  /** How Airflow's services are started: `plain`, or the component `launcher-NAME` is added; plain when absent. */
  launcher?: string;
  /** Airflow's version, such as 2.11.2. */
  airflow: string;
  /** Where a value of this stands, for errors. */
  at?: (path: (string | number)[]) => Location;
}

/** The components of one stack, in an order in which each stands behind what it requires, with what they add up to. */
export interface Blueprint {
  topology: string;
  airflow: string;
  components: Component[];
  variables: VariableSpec[];
  /** Variables that only the components for another version of Airflow declare: `.env` may have them, and no service gets them. */
  otherLine: string[];
  images: ImageSpec[];
  dockerfiles: DockerfileSpec[];
  requirements: string[];
  folders: string[];
  dags: DagsSpec;
  /** What components bring for others, by kind; only kinds that somebody in the stack collects. */
  offers: Offers;
  /** Part → the service that is it; empty for one outside the stack. */
  provides: Record<string, string>;
  /** The variables that hand connections to Airflow. */
  connections: string[];
  /** The variables with the name and the password of the first person. */
  login: { username: string; password: string } | undefined;
  s3: S3Spec | undefined;
  sql: SqlSpec | undefined;
}

/** The service that is a part of the stack. Throws COMPONENT_INVALID where no component, or one outside the stack, provides it. */
export function serviceOf({ provides, topology }: Blueprint, part: string): string {
  const service = provides[part];
  if (service) return service;
  throw new GatherError('COMPONENT_INVALID', `no component of topology "${topology}" provides ${part}`, {
    hints: ['gather components', 'x-gather.provides of a component names its service'],
  });
}

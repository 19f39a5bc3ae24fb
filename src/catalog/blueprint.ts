import type { Location } from '../output/errors.js';
import type { Component, DagsSpec, DockerfileSpec, ImageSpec, S3Spec, VariableSpec } from './schema.js';

/** What a project asks the catalog for. */
export interface Selection {
  topology: string;
  /** Components beside those of the topology. */
  components: string[];
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
  databases: string[];
  /** The variables that hand connections to Airflow. */
  connections: string[];
  login: { username: string; password: string } | undefined;
  s3: S3Spec | undefined;
}

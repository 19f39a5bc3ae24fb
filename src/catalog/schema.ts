import type { JsonValue } from '../model/fields.js';
import type { Location } from '../output/errors.js';
import type { CertificateSpec, UrlSpec, VariableModel } from './model/variable.js';
import type { DELIVERIES, Generator, MachineFact, OfferType, VariableType } from './model/words.js';
import type { XGather } from './model/x-gather.js';

export type { VersionSpec } from './model/x-gather.js';

/** A value as structure, serialized as JSON: each text in it, at any depth, is a template of other variables. */
export type JsonSpec = JsonValue;

/** One entry of `.env`. */
export interface VariableSpec {
  name: string;
  /** The component that declares it. */
  component: string;
  /** The heading under which it is asked and written. */
  group: string;
  /** A template: it may name other variables as `${NAME}`. */
  default?: string;
  generate?: Generator;
  machine?: MachineFact;
  url?: UrlSpec;
  certificate?: CertificateSpec;
  json?: JsonSpec;
  type: VariableType;
  choices?: string[];
  /** How many characters it has at least; of an integer the least that it may be, 1 when absent. */
  min?: number;
  /** Value that it cannot have here → why. */
  refuses?: Record<string, string>;
  /** For a port: what to take when the default is in use or not allowed. */
  fallback?: number;
  /** For a port: false when it is a port of another machine, which no service publishes here. */
  published: boolean;
  /** Variables whose value it cannot have. */
  unlike?: string[];
  /** The question; a variable without one is written with its default. */
  ask?: string;
  secret: boolean;
}

/** What one component writes about a variable; the rest comes from the components before it, or is filled in. */
export type VariableEntry = Pick<VariableSpec, 'name' | 'component' | 'group'> & VariableModel;

/** Where an image comes from: a registry, or a folder that builds it, or its equal, from packages. */
export type ImageSpec = {
  /** The variable that names the image in compose.yaml. */
  variable: string;
  component: string;
} & XGather['images'][string];

/** An image that a project builds from a Dockerfile of its own; while it has none, the image that it stands on is used. */
export type DockerfileSpec = { variable: string } & XGather['dockerfiles'][string];

/** The check that a service is really usable: a command in its container, and what it must answer. */
export interface ProbeSpec {
  service: string;
  /** argv; each item is a template of variables. */
  command: string[];
  /** Path in the JSON answer → the value it must have. Without it, exit code 0 is enough. */
  json?: Record<string, string>;
  /** What it means when it passes, in words. */
  says?: string;
  /** A cheaper question, to each container of the service, while nothing has changed since the last boot. */
  quick?: QuickProbe;
  /** The health check of the service asks the same: where it has just passed, that is the answer. */
  same_as_healthcheck?: boolean;
  /** The question as another container asks it over HTTP; absent where only a command in the container knows. */
  http?: { port: number; path: string; status?: 'any' };
}

/** Bytes that a container is sent over TCP, and the text that its answer must hold. */
export interface QuickProbe {
  port: number;
  /** One character a byte. */
  send: string;
  /** Anything is an answer when absent. */
  answer?: string;
}

/** Where the DAGs of a stack come from; all but `from` are templates of variables. */
export interface DagsSpec {
  from: (typeof DELIVERIES)[number];
  /** Of a bucket `s3://bucket/folder/`, of a repository what git calls it. */
  address: string;
  /** Where Airflow's containers have them. */
  path: string;
  /** Where the same files are on this machine, relative to the project. */
  folder: string;
}

/** What a component does otherwise than production, for speed or for little memory; `gather up --explain` lists it. */
export type Difference = { component: string; setting: string } & XGather['differs'][string];

/** Where this machine reaches the stack's S3 server: templates of variables. */
export type S3Spec = NonNullable<XGather['s3']>;

/** Where this machine reaches the stack's SQL server: templates of variables. */
export type SqlSpec = NonNullable<XGather['sql']>;

/** What a component says of one offer of a kind; a key that may be missing is optional. */
export type OfferKeys = Record<string, { type: OfferType; optional: boolean }>;

/** What a component brings for others: templates of variables, as the kind wants them. */
export interface Offer {
  kind: string;
  component: Component;
  /** Which one of the component's offers of this kind. */
  index: number;
  item: Record<string, JsonValue>;
  /** What the kind wants, once somebody collects it. */
  keys?: OfferKeys;
}

/** A service as Compose writes it. Its keys are Compose's own. */
export type ServiceBody = Record<string, unknown>;

/** What of x-gather is kept as it is written; the rest gets its name and its component with it. */
type AsWritten = Omit<
  XGather,
  | 'group'
  | 'variables'
  | 'images'
  | 'dockerfiles'
  | 'differs'
  | 'dags'
  | 'ready'
  | 'offers'
  | 'collects'
  | 'files'
>;

/** A file that gather renders: made of `value`, or `text` as it is. */
export type FileSpec = Omit<XGather['files'][string], 'from'> & { text?: string };

/** One Compose file with the services that belong together, and what Compose cannot say of them. */
export interface Component extends AsWritten {
  name: string;
  /** Absolute path of the file. */
  file: string;
  /** The heading of its questions. */
  group: string;
  variables: VariableEntry[];
  images: ImageSpec[];
  dockerfiles: DockerfileSpec[];
  differs: Difference[];
  /** What it changes of where the DAGs come from. */
  dags: Partial<DagsSpec>;
  files: Record<string, FileSpec>;
  offers: Offer[];
  /** Kind → what others say of one. */
  collects: Record<string, OfferKeys>;
  probes: ProbeSpec[];
  /** Its own services and templates. */
  services: Record<string, ServiceBody>;
  /** Compose's other top-level maps: networks, volumes, configs. */
  resources: Record<'networks' | 'volumes' | 'configs', Record<string, unknown>>;
  /** Where a value stands in the file. */
  at: (path: (string | number)[]) => Location;
}

/** The components and settings that mirror one cloud set-up. */
export interface Topology {
  name: string;
  file: string;
  summary: string;
  components: string[];
  /** Variable → the default it has in this topology. */
  settings: Record<string, string>;
  /** Where a value stands in the file. */
  at: (path: (string | number)[]) => Location;
}

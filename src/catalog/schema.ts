import type { Location } from '../output/errors.js';

/** Types of values that a variable of `.env` can have; each has its check in `src/catalog/check-value.ts`. */
export const VARIABLE_TYPES = [
  'text',
  'identifier',
  'database',
  'password',
  'host',
  'port',
  'url',
  'http-url',
  'url-prefix',
  'boolean',
  'integer',
  'seconds',
  'choice',
  'uid',
  'path',
  'json',
  'bucket',
  'key-prefix',
  'connection-id',
  'fernet-key',
  'secrets-backend',
] as const;
export type VariableType = (typeof VARIABLE_TYPES)[number];

/** How a secret comes into being, from the CSPRNG of the machine. */
export const GENERATORS = ['password', 'token', 'fernet-key'] as const;
export type Generator = (typeof GENERATORS)[number];

/** What only the machine knows: the user's id, the engine's socket. */
export const MACHINE_FACTS = ['uid', 'docker-socket'] as const;
export type MachineFact = (typeof MACHINE_FACTS)[number];

/** A URL as structure: each part is a template of other variables and is percent-encoded on its own. */
export interface UrlSpec {
  scheme: string;
  username?: string;
  password?: string;
  host: string;
  port?: string;
  path?: string;
}

/** A value as structure, serialized as JSON: each text in it, at any depth, is a template of other variables. */
export type JsonSpec = string | number | boolean | null | JsonSpec[] | { [key: string]: JsonSpec };

/** A connection of Airflow, in its JSON form; what is empty once the templates are filled in is left out. */
export interface ConnectionSpec {
  /** A template: which id it has may be the topology's to say. */
  id: string;
  component: string;
  group: string;
  json: JsonSpec;
}

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
  json?: JsonSpec;
  type: VariableType;
  choices?: string[];
  /** How many characters it has at least. */
  min?: number;
  /** For a port: what to take when the default is in use or not allowed. */
  fallback?: number;
  /** For a port: false when it is a port of another machine, which no service publishes here. */
  published: boolean;
  /** The question; a variable without one is written with its default. */
  ask?: string;
  secret: boolean;
}

/** What one component writes about a variable; the rest comes from the components before it, or is filled in. */
export type VariableEntry = Pick<VariableSpec, 'name' | 'component' | 'group'> & Partial<VariableSpec>;

/** Where an image comes from: a registry, or a folder that builds it, or its equal, from packages. */
export interface ImageSpec {
  /** The variable that names the image in compose.yaml. */
  variable: string;
  /** The component that declares it. */
  component: string;
  /** The public name, pulled when a registry answers; none for an image that nobody publishes. May hold `${gather.airflow.version}`. */
  registry?: string;
  /** In place of `registry`: its name under the registry that gather.yaml names, when the default one does not have it. */
  mirrored?: string;
  /** The folder with its Dockerfile, beside the component's file. */
  build?: string;
  /** The variable of the image that it stands on; without one, gather's own Debian. */
  on?: string;
  /** Build arguments: templates of variables and facts. */
  args: Record<string, string>;
  /** Further files of the build: name → `./path` in the project, or a template of the text. */
  files: Record<string, string>;
}

/** An image that a project builds from a Dockerfile of its own; while it has none, the image that it stands on is used. */
export interface DockerfileSpec {
  /** The variable that names the image in compose.yaml. */
  variable: string;
  /** The Dockerfile, relative to the project's folder. */
  file: string;
  /** The variable of the image that it stands on, one of `images`. */
  from: string;
}

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
}

/** Bytes that a container is sent over TCP, and the text that its answer must hold. */
export interface QuickProbe {
  port: number;
  /** One character a byte. */
  send: string;
  /** Anything is an answer when absent. */
  answer?: string;
}

/** What brings a DAG file to Airflow: the folder of this machine is mounted, a bucket or a git repository is read. */
export const DELIVERIES = ['folder', 'bucket', 'git'] as const;

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
export interface Difference {
  component: string;
  /** A setting, or what it is in words. */
  setting: string;
  /** How it is here, when no variable says it. */
  here?: string;
  production: string;
  why: string;
}

/** Where this machine reaches the stack's S3 server: templates of variables. */
export interface S3Spec {
  address: string;
  /** The administrator's; without it each bucket is reached with the key of the component that declares it. */
  access_key?: string;
  secret_key?: string;
  /** us-east-1 when absent. */
  region?: string;
}

/** A service as Compose writes it. Its keys are Compose's own. */
export type ServiceBody = Record<string, unknown>;

/** One Compose file with the services that belong together. */
export interface Component {
  name: string;
  /** Absolute path of the file. */
  file: string;
  summary: string;
  requires: string[];
  conflicts: string[];
  replaces: string[];
  /** The major version of Airflow that it is for; both when absent. */
  airflow?: number;
  /** Services that only exist to be extended. */
  templates: string[];
  variables: VariableEntry[];
  connections: ConnectionSpec[];
  images: ImageSpec[];
  dockerfiles: DockerfileSpec[];
  differs: Difference[];
  /** Python packages that the Airflow image needs for it. */
  requirements: string[];
  /** Service → patterns (`AIRFLOW__*`) of further variables of `.env` that it gets as they are. */
  passes: Record<string, string[]>;
  /** Folders of the project that its containers share. */
  folders: string[];
  /** What it changes of where the DAGs come from. */
  dags: Partial<DagsSpec>;
  /** Example files, such as `dags/docker_operator.py`, that a project without this component has no use for. */
  examples: string[];
  /** Path at the proxy → address in the stack. */
  routes: Record<string, string>;
  /** Title → address, for people. */
  links: Record<string, string>;
  /** Variables with the name and the password of the first person. */
  login?: { username: string; password: string };
  /** The S3 server, of the component that brings it or stands for it. */
  s3?: S3Spec;
  /** Variables that hold a PostgreSQL URL, whose role and database `postgres/init.sql` makes. */
  databases: string[];
  probes: ProbeSpec[];
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
